import { coldHost, MOST_COLD_HOSTS } from '../bench-hosts.js';
import type { Dial } from '../generator/dial.js';
import type { ColdTunnel } from '../generator/job.js';

/** Hosts of one contestant, each given away once. */
export class ColdHosts {
  #next = 0;

  constructor(private readonly dial: Dial) {}

  take(count: number): readonly ColdTunnel[] {
    if (this.#next + count > MOST_COLD_HOSTS) throw new Error(`more than ${MOST_COLD_HOSTS} cold hosts`);
    return Array.from({ length: count }, () => ({ dial: this.dial, host: coldHost((this.#next += 1)) }));
  }
}
