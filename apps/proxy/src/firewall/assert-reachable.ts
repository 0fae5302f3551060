import { type LiveSession } from '../sessions/live-session.js';

/** Whether a connector reaches this host. */
export interface OwnedHosts {
  ownsHost(host: string): boolean;
}

/** A session without a firewall is not bounded by one. @throws AileronError FIREWALL_REFUSED */
export function assertReachable({ firewall }: LiveSession, host: string, owned: OwnedHosts): void {
  firewall?.assertAllows(host, owned.ownsHost(host));
}
