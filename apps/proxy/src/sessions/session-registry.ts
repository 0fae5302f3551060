import { AileronError } from '@aileron/errors';
import { type AuthorityStore } from '../ports/authority-store.port.js';
import { type Clock } from '../ports/clock.port.js';
import { type SessionInfo, type SessionReport } from '../ports/data-plane.port.js';
import { type StateSealer } from '../ports/state-sealer.port.js';
import { adoptCertificate, reportReady } from './agree-on-authority.js';
import { LiveSession } from './live-session.js';
import { openAuthority } from './open-authority.js';
import { makePrivateDirectory } from './private-files.js';
import { removeRuntimeDirectory, runtimeDirectoryOf, socketPathOf, writeTrustBundle } from './runtime-directory.js';
import { newSlot, type ServedSlot, type SessionListener, type SessionSlot } from './session-slot.js';
import { sweepLeftovers } from './sweep-leftovers.js';
import { TokenIndex } from './token-index.js';

export type SessionEventName = 'started' | 'restored' | 'locked' | 'unlocked' | 'expired' | 'ended' | 'failed';

export interface SessionRegistryOptions {
  readonly tenantId: string;
  readonly proxyId: string;
  readonly socketRoot: string;
  readonly sealer: StateSealer;
  readonly authorities: AuthorityStore;
  readonly clock: Clock;
  readonly maxSessions: number;
  readonly openListener: (input: { session: LiveSession; socketPath: string }) => Promise<SessionListener>;
  /** Answers with the certificate of the session's authority, when there is one. */
  readonly report: (session: SessionInfo, report: SessionReport) => Promise<string | null>;
  /** Its keys are gone: what runs with them has to end. */
  readonly onLocked: (session: SessionInfo, error: AileronError) => void;
  /** What it may reach is another now. */
  readonly onFirewall: (session: LiveSession) => void;
  /** Once what ran for it has written how it ended. */
  readonly settled: (session: SessionInfo) => Promise<void>;
  readonly onEvent: (session: SessionInfo, event: SessionEventName, reason?: string) => Promise<void>;
  readonly onFault: (event: string, error: unknown, session?: SessionInfo) => void;
}

const SWEEP_MS = 500;
const RETRY_MS = 5_000;
/** How long a connection with the right token waits for a session that is being prepared. */
const PREPARED_WITHIN_MS = 2_000;

/**
 * The sessions of this proxy. Level based: it is told what should be, and works, one step at a time for each session,
 * until it is. What is not wanted any more stops at once, before anything is tidied up.
 */
export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  readonly #slots = new Map<string, SessionSlot>();
  readonly #tokens = new TokenIndex<SessionSlot>();
  #timer: NodeJS.Timeout | null = null;
  #swept = false;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** The session whose socket this is. */
  find(sessionId: string): LiveSession | null {
    const live = this.#slots.get(sessionId)?.live ?? null;
    return live === null || live.ended ? null : live;
  }

  /** The session that this token opens, once it can be served; null for any other token. */
  async findByToken(token: string): Promise<LiveSession | null> {
    const slot = this.#tokens.find(token);
    if (slot === null || slot.wanted === null) return null;
    const live = slot.live ?? (await within(slot.prepared.promise, PREPARED_WITHIN_MS));
    if (live === null) throw new AileronError('ENFORCEMENT_UNAVAILABLE', { reason: 'the session is being prepared' });
    return live.ended ? null : live;
  }

  get all(): readonly LiveSession[] {
    return [...this.#slots.values()].flatMap(({ live }) => (live === null || live.ended ? [] : [live]));
  }

  /** All that there is: any other session has ended. */
  replaceAll(sessions: readonly SessionInfo[]): void {
    const named = new Set(sessions.map(({ sessionId }) => sessionId));
    for (const [sessionId, slot] of this.#slots) if (!named.has(sessionId)) this.#end(sessionId, slot, 'ended');
    for (const session of sessions) this.learn(session);
    if (this.#swept) return;
    this.#swept = true;
    const isInUse = (directory: string) =>
      [...this.#slots.keys()].some((sessionId) => this.#directoryOf(sessionId) === directory);
    void sweepLeftovers(this.#options.socketRoot, isInUse).catch((error: unknown) =>
      this.#options.onFault('session.sweep-failed', error),
    );
  }

  /** One session, new or changed. */
  learn(info: SessionInfo): void {
    const { sessionId } = info;
    const slot = this.#slots.get(sessionId);
    if (info.state === 'ended' || info.expiresAt <= this.#options.clock.now()) {
      if (slot !== undefined) this.#end(sessionId, slot, info.state === 'ended' ? 'ended' : 'expired');
      return;
    }
    if (info.tenantId !== this.#options.tenantId) {
      this.#options.onFault('session.other-tenant', new AileronError('NOT_FOUND'), info);
      return;
    }
    if (slot === undefined) return this.#add(info);
    if (slot.wanted === null) return;
    const before = slot.wanted;
    slot.wanted = { ...info, caCertificatePem: info.caCertificatePem ?? before.caCertificatePem };
    this.#learnToken(slot, before, info);
    if (slot.live !== null && slot.live.learn(slot.wanted)) this.#options.onFirewall(slot.live);
    this.#learnKeys(slot, before, info);
    // It was told before and the other side does not know it.
    if (info.state === 'starting') slot.reported = false;
    this.#work(sessionId, slot);
  }

  /** Breaks off what is open without ending any session: nothing can be enforced now. */
  cutAll(): void {
    for (const { listener } of this.#slots.values()) listener?.cut();
  }

  /** Ends what is past its time, and tries again what failed. */
  sweep(): void {
    const now = this.#options.clock.now();
    for (const [sessionId, slot] of this.#slots) {
      if (slot.wanted !== null && slot.wanted.expiresAt <= now) this.#end(sessionId, slot, 'expired');
      else if (slot.retryAt !== null && slot.retryAt <= now) this.#work(sessionId, slot);
      if (slot.wanted === null || slot.keysUntil === null || slot.keysUntil > now) continue;
      slot.keysUntil = null;
      this.#lock(slot.wanted, new AileronError('LEASE_EXPIRED'));
    }
  }

  /** The proxy stops; the sessions go on after a restart. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all(
      [...this.#slots.values()].map(async (slot) => {
        slot.live?.end();
        await slot.working?.catch(() => undefined);
        slot.live?.end();
        await slot.listener?.close();
        slot.live?.authority.close();
      }),
    );
    this.#slots.clear();
  }

  #add(info: SessionInfo): void {
    if (this.#slots.size >= this.#options.maxSessions) {
      const { maxSessions } = this.#options;
      void this.#reportFailure(info, new AileronError('RATE_LIMITED', { maxSessions }));
      return;
    }
    const slot = newSlot(info);
    this.#slots.set(info.sessionId, slot);
    this.#tokens.add(info.agentTokenSha256, slot);
    this.#work(info.sessionId, slot);
  }

  /** Streams and tunnels end here and now, whatever else is being worked on. */
  #end(sessionId: string, slot: SessionSlot, ending: 'ended' | 'expired'): void {
    if (slot.wanted === null) return;
    this.#tokens.remove(slot.wanted.agentTokenSha256);
    slot.wanted = null;
    slot.ending = ending;
    slot.live?.end();
    slot.listener?.cut();
    this.#work(sessionId, slot);
  }

  #learnToken(
    slot: SessionSlot,
    { agentTokenSha256: before }: SessionInfo,
    { agentTokenSha256: now }: SessionInfo,
  ): void {
    if (Buffer.compare(before, now) === 0) return;
    this.#tokens.remove(before);
    this.#tokens.add(now, slot);
  }

  /** Keys that were taken back and given again in between were taken back all the same. */
  #learnKeys(slot: SessionSlot, before: SessionInfo, info: SessionInfo): void {
    slot.keysUntil = info.unlockedUntil;
    if (slot.listener === null) return;
    if ((info.lockedAt ?? 0) > (before.lockedAt ?? 0)) this.#lock(info, new AileronError('LEASE_MISSING'));
    if (info.unlockedUntil !== null && info.unlockedUntil !== before.unlockedUntil) this.#tell(info, 'unlocked');
  }

  #lock(info: SessionInfo, error: AileronError): void {
    this.#options.onLocked(info, error);
    this.#tell(info, 'locked', error.code);
  }

  #tell(info: SessionInfo, event: SessionEventName, reason?: string): void {
    void this.#options
      .onEvent(info, event, reason)
      .catch((error: unknown) => this.#options.onFault('session.event-lost', error, info));
  }

  #work(sessionId: string, slot: SessionSlot): void {
    slot.working ??= this.#reconcile(sessionId, slot).finally(() => {
      slot.working = null;
      if (this.#slots.get(sessionId) === slot && this.#isBehind(slot)) this.#work(sessionId, slot);
    });
  }

  /** Whether news came while it worked. What failed waits for its time. */
  #isBehind({ wanted, live, retryAt, reported }: SessionSlot): boolean {
    if (wanted === null) return true;
    if (retryAt !== null || live === null) return false;
    return !reported || this.#canSeal(wanted, live) || this.#isOther(wanted, live);
  }

  #canSeal(wanted: SessionInfo, { authority }: LiveSession): boolean {
    return authority.unshared && wanted.unlockedUntil !== null && wanted.unlockedUntil > this.#options.clock.now();
  }

  #isOther({ caCertificatePem }: SessionInfo, { authority }: LiveSession): boolean {
    return caCertificatePem !== null && caCertificatePem !== authority.certificatePem;
  }

  async #reconcile(sessionId: string, slot: SessionSlot): Promise<void> {
    slot.retryAt = null;
    if (slot.wanted !== null && slot.listener === null) await this.#prepare(slot, slot.wanted);
    if (slot.wanted !== null && !slot.reported)
      await this.#step(slot, 'session.report-failed', reportReady(this.#options));
    if (slot.wanted !== null && slot.reported) await this.#step(slot, 'session.adopt-failed', adoptCertificate);
    if (slot.wanted !== null && slot.live !== null && this.#canSeal(slot.wanted, slot.live))
      await this.#step(slot, 'session.seal-failed', ({ live }) => live.authority.seal());
    if (slot.wanted === null) {
      await this.#dispose(slot, sessionId);
      this.#slots.delete(sessionId);
    }
  }

  async #step(slot: SessionSlot, fault: string, work: (slot: ServedSlot) => Promise<void>): Promise<void> {
    const { live, listener, wanted } = slot;
    if (live === null || listener === null || wanted === null) return;
    try {
      await work(slot as ServedSlot);
    } catch (error) {
      slot.retryAt = this.#options.clock.now() + RETRY_MS;
      this.#options.onFault(fault, error, live.info);
    }
  }

  async #prepare(slot: SessionSlot, info: SessionInfo): Promise<void> {
    const { sealer, authorities: store, clock, proxyId } = this.#options;
    try {
      const directory = this.#directoryOf(info.sessionId);
      await makePrivateDirectory(directory);
      const isUnlocked = () => (slot.wanted?.unlockedUntil ?? 0) > clock.now();
      const authority = await openAuthority({ info, proxyId, now: clock.now(), parts: { sealer, store, isUnlocked } });
      const live = new LiveSession(slot.wanted ?? info, authority, directory);
      slot.live = live;
      await writeTrustBundle(directory, authority.certificatePem);
      slot.listener = await this.#options.openListener({ session: live, socketPath: socketPathOf(directory) });
      // A new authority becomes the session's by a report; of any other the management plane told us.
      slot.reported = !authority.unshared;
      slot.prepared.resolve(live);
      if (slot.wanted === null) return;
      await this.#options.onEvent(info, authority.unshared ? 'started' : 'restored');
    } catch (error) {
      slot.retryAt = this.#options.clock.now() + RETRY_MS;
      slot.live?.end();
      slot.live?.authority.close();
      await slot.listener?.close().catch(() => undefined);
      [slot.live, slot.listener] = [null, null];
      this.#options.onFault('session.prepare-failed', error, info);
      await this.#options.onEvent(info, 'failed', AileronError.from(error).code).catch(() => undefined);
      if (info.state === 'starting') await this.#reportFailure(info, error);
    }
  }

  async #reportFailure(info: SessionInfo, error: unknown): Promise<void> {
    const { code, message } = AileronError.from(error);
    await this.#options
      .report(info, { kind: 'failed', code, message })
      .catch((cause: unknown) => this.#options.onFault('session.report-failed', cause, info));
  }

  async #dispose(slot: SessionSlot, sessionId: string): Promise<void> {
    const { live, listener } = slot;
    slot.listener = null;
    try {
      live?.end();
      await listener?.close();
      live?.authority.close();
      await removeRuntimeDirectory(this.#directoryOf(sessionId));
      if (live === null) return;
      await this.#options.settled(live.info);
      await this.#options.onEvent(live.info, slot.ending ?? 'ended');
    } catch (error) {
      this.#options.onFault('session.dispose-failed', error, live?.info);
    }
  }

  #directoryOf(sessionId: string): string {
    const { socketRoot, tenantId } = this.#options;
    return runtimeDirectoryOf(socketRoot, { tenantId, sessionId });
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
