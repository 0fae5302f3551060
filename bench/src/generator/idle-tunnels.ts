import { spreadOf } from '../measure/percentile.js';
import type { Dial } from './dial.js';
import { Http1Connection } from './http1-connection.js';
import type { JobResult } from './job.js';
import { hostOf, requestBytes } from './request-bytes.js';

const AT_ONCE = 8;

/** Tunnels that have made one call and now wait for the next. */
export class IdleTunnels {
  #held: Http1Connection[] = [];

  /** Spread over the dials: a session of Aileron has a bound of its own. */
  async hold({ dials, tunnels }: { readonly dials: readonly Dial[]; readonly tunnels: number }): Promise<JobResult> {
    const startedAt = performance.now();
    const latencies: number[] = [];
    let begun = 0;
    const open = async (): Promise<void> => {
      for (let next = (begun += 1); next <= tunnels; next = begun += 1) {
        const dial = dials[next % dials.length];
        if (dial === undefined) throw new Error('no dial was given');
        const before = performance.now();
        const connection = await Http1Connection.open(dial, hostOf('rest'));
        this.#held.push(connection);
        await connection.send({ bytes: requestBytes('rest', dial) });
        latencies.push(performance.now() - before);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, open));
    const seconds = (performance.now() - startedAt) / 1_000;
    return { count: this.#held.length, seconds, latencyMs: spreadOf(latencies) };
  }

  letGo(): void {
    for (const connection of this.#held) connection.close();
    this.#held = [];
  }
}
