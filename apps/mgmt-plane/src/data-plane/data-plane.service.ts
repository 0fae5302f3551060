import { Inject, Injectable } from '@nestjs/common';
import { BundlesService, type PublishedBundles } from '../bundles/bundles.service.js';
import { IdentityService } from '../identity/identity.service.js';
import type { Logger } from '@aileron/telemetry';
import { CONFIG, type MgmtPlaneConfig } from '../config.js';
import { CLOCK, type Clock, LOGGER } from '@aileron/service-host';
import type { SessionRow } from '../sessions/session.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { ChangeSignal } from '../signals/change-signal.js';
import { BUNDLES, SESSIONS, VAULTS } from '../signals/topics.js';

/** The contract allows 15 s; a shorter lease wants it oftener. */
const HEARTBEAT_MS = 10_000;
const HEARTBEATS_A_LEASE = 4;
/** After a failed look at the database. */
const RETRY_MS = 1_000;

export type DataPlaneEvent =
  | {
      readonly kind: 'snapshot';
      readonly sessions: readonly SessionRow[];
      readonly bundles: PublishedBundles;
      readonly leaseSeconds: number;
    }
  | { readonly kind: 'session'; readonly session: SessionRow }
  | { readonly kind: 'bundles'; readonly changed: Partial<PublishedBundles> }
  | { readonly kind: 'vaults-changed' }
  | { readonly kind: 'heartbeat'; readonly at: Date };

/** What proxies hear of the management plane. */
@Injectable()
export class DataPlaneService {
  /** By proxy, how many of its connections listen: two for a moment when one replaces the other. */
  readonly #watching = new Map<string, number>();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<MgmtPlaneConfig, 'proxyLeaseSeconds'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(IdentityService) private readonly identity: IdentityService,
    @Inject(SessionsRepository) private readonly sessions: SessionsRepository,
    @Inject(BundlesService) private readonly bundles: BundlesService,
    @Inject(ChangeSignal) private readonly changes: ChangeSignal,
  ) {}

  /** How many proxies listen. */
  get proxies(): number {
    return this.#watching.size;
  }

  /**
   * The state, then every change of it, until the signal. Each look compares the database with what this proxy was told,
   * so nothing is missed whoever changed it. A heartbeat says that such a look succeeded: while the database is gone
   * there is none, and the proxy's session leases run out.
   */
  async *watch(signal: AbortSignal, proxyId = 'unnamed'): AsyncGenerator<DataPlaneEvent> {
    const changed = this.changes.subscribe(SESSIONS, BUNDLES, VAULTS);
    this.#count(proxyId, 1);
    const leaseSeconds = this.config.proxyLeaseSeconds;
    const heartbeatMs = Math.min(HEARTBEAT_MS, (leaseSeconds * 1_000) / HEARTBEATS_A_LEASE);
    try {
      const told = new ToldState(await this.#alive(), this.bundles.current);
      yield { kind: 'snapshot', sessions: told.sessions, bundles: told.bundles, leaseSeconds };
      let heartbeatAt = this.clock.now() + heartbeatMs;
      let timeoutMs = heartbeatMs;
      while (!signal.aborted) {
        const topics = await changed.next({ timeoutMs, signal });
        if (signal.aborted) return;
        if (topics.has(VAULTS)) yield { kind: 'vaults-changed' };
        try {
          yield* await this.#changesSince(told);
        } catch (error) {
          this.log.warn({ err: error }, 'data-plane.look-failed');
          timeoutMs = Math.min(RETRY_MS, heartbeatMs);
          continue;
        }
        if (this.clock.now() >= heartbeatAt) {
          heartbeatAt = this.clock.now() + heartbeatMs;
          yield { kind: 'heartbeat', at: new Date(this.clock.now()) };
        }
        timeoutMs = Math.max(1, heartbeatAt - this.clock.now());
      }
    } finally {
      this.#count(proxyId, -1);
      changed.close();
    }
  }

  #count(proxyId: string, by: 1 | -1): void {
    const count = (this.#watching.get(proxyId) ?? 0) + by;
    if (count === 0) this.#watching.delete(proxyId);
    else this.#watching.set(proxyId, count);
  }

  async #changesSince(told: ToldState): Promise<DataPlaneEvent[]> {
    const alive = await this.#alive();
    const ended = await Promise.all(told.missingFrom(alive).map((session) => this.sessions.find(session)));
    const events: DataPlaneEvent[] = told.bundlesSince(this.bundles.current);
    for (const session of [...alive, ...ended.filter((row) => row !== null)]) {
      if (told.learn(session)) events.push({ kind: 'session', session });
    }
    return events;
  }

  #alive(): Promise<SessionRow[]> {
    return this.sessions.listAlive(this.identity.localCaller.tenantId);
  }
}

/** A change of one of these is told. */
const NEWS: readonly ((session: SessionRow) => string | number | null)[] = [
  ({ state }) => state,
  ({ expiresAt }) => expiresAt.getTime(),
  ({ caCertificatePem }) => caCertificatePem,
  ({ unlockedUntil }) => unlockedUntil?.getTime() ?? null,
  ({ lockedAt }) => lockedAt?.getTime() ?? null,
  ({ firewall }) => firewall,
  ({ agentTokenSha256 }) => Buffer.from(agentTokenSha256).toString('base64url'),
];

/** What one proxy was told. */
class ToldState {
  readonly #sessions: Map<string, SessionRow>;

  constructor(
    sessions: readonly SessionRow[],
    public bundles: PublishedBundles,
  ) {
    this.#sessions = new Map(sessions.map((session) => [session.sessionId, session]));
  }

  get sessions(): SessionRow[] {
    return [...this.#sessions.values()];
  }

  missingFrom(alive: readonly SessionRow[]): SessionRow[] {
    const ids = new Set(alive.map((session) => session.sessionId));
    return this.sessions.filter((session) => !ids.has(session.sessionId));
  }

  /** @returns whether this is news */
  learn(session: SessionRow): boolean {
    const known = this.#sessions.get(session.sessionId);
    if (session.state === 'ended') return this.#sessions.delete(session.sessionId);
    this.#sessions.set(session.sessionId, session);
    return known === undefined || NEWS.some((of) => of(known) !== of(session));
  }

  bundlesSince(current: PublishedBundles): DataPlaneEvent[] {
    const { policy, connector } = this.bundles;
    const changed = {
      ...(current.policy.version !== policy.version && { policy: current.policy }),
      ...(current.connector.version !== connector.version && { connector: current.connector }),
    };
    this.bundles = current;
    return Object.keys(changed).length === 0 ? [] : [{ kind: 'bundles', changed }];
  }
}
