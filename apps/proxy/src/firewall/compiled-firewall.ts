import { isIP } from 'node:net';
import { AileronError } from '@aileron/errors';
import { canonicalHost } from '../parse/canonical-host.js';
import { type FirewallSettings } from '../ports/data-plane.port.js';

const BELOW = '*.';

/** What a session may reach, read once, so that a request costs a look-up for each label of its host. */
export class CompiledFirewall {
  readonly #networkAccess: boolean;
  readonly #hosts = new Set<string>();
  /** `example.com` for `*.example.com`. */
  readonly #parents = new Set<string>();

  constructor({ networkAccess, mode, domains }: FirewallSettings) {
    this.#networkAccess = networkAccess;
    if (mode !== 'allowlist') return;
    for (const domain of domains) {
      const below = domain.startsWith(BELOW);
      const name = below ? domain.slice(BELOW.length) : domain;
      if (isHostName(name)) (below ? this.#parents : this.#hosts).add(name);
    }
  }

  /**
   * `host` is canonical, `owned` whether a connector reaches it.
   * @throws AileronError FIREWALL_REFUSED
   */
  assertAllows(host: string, owned: boolean): void {
    const refused = this.#whyNot(host, owned);
    if (refused !== null) throw new AileronError('FIREWALL_REFUSED', { host, reason: refused });
  }

  allows(host: string, owned: boolean): boolean {
    return this.#whyNot(host, owned) === null;
  }

  #whyNot(host: string, owned: boolean): string | null {
    if (!this.#networkAccess) return 'network access is off';
    if (owned || this.#hosts.has(host)) return null;
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      if (this.#parents.has(host.slice(dot + 1))) return null;
    }
    return 'the host is not allowed';
  }
}

/** An entry in any other spelling than the one of a host is none: what it was meant to allow stays refused. */
function isHostName(name: string): boolean {
  return name.includes('.') && isIP(name) === 0 && canonicalHost(name) === name;
}
