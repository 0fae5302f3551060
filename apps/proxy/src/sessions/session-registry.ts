import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import { type Clock } from '../ports/clock.port.js';
import { type SessionInfo, type SessionReport } from '../ports/data-plane.port.js';
import { type StateSealer } from '../ports/state-sealer.port.js';
import { LiveSession } from './live-session.js';
import { makePrivateDirectory } from './private-files.js';
import { removeRuntimeDirectory, runtimeDirectoryOf, socketPathOf, writeTrustBundle } from './runtime-directory.js';
import { SessionAuthority } from './session-authority.js';

/** The socket of a session. */
export interface SessionListener {
  /** Breaks off what is open; new connections may come. */
  cut(): void;
  close(): Promise<void>;
}

export type SessionEventName = 'started' | 'restored' | 'expired' | 'ended' | 'failed';

export interface SessionRegistryOptions {
  readonly tenantId: string;
  readonly socketRoot: string;
  /** Sealed state of sessions. */
  readonly stateDirectory: string;
  readonly sealer: StateSealer;
  readonly clock: Clock;
  readonly maxSessions: number;
  readonly openListener: (input: { session: LiveSession; socketPath: string }) => Promise<SessionListener>;
  readonly report: (session: SessionInfo, report: SessionReport) => Promise<void>;
  readonly onEvent: (session: SessionInfo, event: SessionEventName, reason?: string) => Promise<void>;
  readonly onFault: (event: string, error: unknown, session?: SessionInfo) => void;
}

interface Slot {
  /** What the management plane said last; null once it should be gone. */
  wanted: SessionInfo | null;
  ending: 'ended' | 'expired' | null;
  live: LiveSession | null;
  listener: SessionListener | null;
  working: Promise<void> | null;
  /** When to try again what failed; null when nothing did. */
  retryAt: number | null;
  /** Whether the management plane took the report. */
  reported: boolean;
}

const SWEEP_MS = 500;
const RETRY_MS = 5_000;
const FOLDER = /^[0-9a-f]{16}$/;
const SEALED = /^(ses_[0-9A-Za-z_-]{1,60})\.sealed$/;

/**
 * The sessions of this proxy. Level based: it is told what should be, and works, one step at a time for each session,
 * until it is. What is not wanted any more stops at once, before anything is tidied up.
 */
export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  readonly #slots = new Map<string, Slot>();
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

  get all(): readonly LiveSession[] {
    return [...this.#slots.values()].flatMap(({ live }) => (live === null || live.ended ? [] : [live]));
  }

  /** All that there is: any other session has ended. */
  replaceAll(sessions: readonly SessionInfo[]): void {
    const named = new Set(sessions.map(({ sessionId }) => sessionId));
    for (const [sessionId, slot] of this.#slots) if (!named.has(sessionId)) this.#end(sessionId, slot, 'ended');
    for (const session of sessions) this.learn(session);
    if (!this.#swept) {
      this.#swept = true;
      void this.#sweepLeftovers(named).catch((error: unknown) => this.#options.onFault('session.sweep-failed', error));
    }
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
    slot.wanted = info;
    slot.live?.learn(info);
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
    const slot: Slot = {
      wanted: info,
      ending: null,
      live: null,
      listener: null,
      working: null,
      retryAt: null,
      reported: false,
    };
    this.#slots.set(info.sessionId, slot);
    this.#work(info.sessionId, slot);
  }

  #end(sessionId: string, slot: Slot, ending: 'ended' | 'expired'): void {
    if (slot.wanted === null) return;
    slot.wanted = null;
    slot.ending = ending;
    slot.live?.end();
    this.#work(sessionId, slot);
  }

  #work(sessionId: string, slot: Slot): void {
    slot.working ??= this.#reconcile(sessionId, slot).finally(() => {
      slot.working = null;
      if (slot.wanted === null && this.#slots.get(sessionId) === slot) this.#work(sessionId, slot);
    });
  }

  async #reconcile(sessionId: string, slot: Slot): Promise<void> {
    slot.retryAt = null;
    if (slot.wanted !== null && slot.listener === null) await this.#prepare(slot, slot.wanted);
    if (slot.wanted !== null && !slot.reported) await this.#reportReady(slot);
    if (slot.wanted === null) {
      await this.#dispose(slot, sessionId);
      this.#slots.delete(sessionId);
    }
  }

  async #prepare(slot: Slot, info: SessionInfo): Promise<void> {
    try {
      const directory = runtimeDirectoryOf(this.#options.socketRoot, info);
      await makePrivateDirectory(directory);
      const authority = await this.#openAuthority(info);
      const live = new LiveSession(info, authority, directory);
      slot.live = live;
      const { certificatePem } = authority;
      if (certificatePem !== null) await writeTrustBundle(directory, certificatePem);
      slot.listener = await this.#listen(live);
      if (slot.wanted === null) return;
      await this.#options.onEvent(info, certificatePem === null ? 'restored' : 'started');
    } catch (error) {
      slot.retryAt = this.#options.clock.now() + RETRY_MS;
      slot.live?.end();
      await slot.listener?.close().catch(() => undefined);
      slot.listener = null;
      this.#options.onFault('session.prepare-failed', error, info);
      await this.#options.onEvent(info, 'failed', AileronError.from(error).code).catch(() => undefined);
      if (info.state === 'starting') await this.#reportFailure(info, error);
    }
  }

  #openAuthority(info: SessionInfo): Promise<SessionAuthority> {
    const { sealer, stateDirectory, clock } = this.#options;
    const now = clock.now();
    const ttlSeconds = Math.ceil((info.expiresAt - now) / 1_000);
    const { tenantId, sessionId } = info;
    const path = join(stateDirectory, `${sessionId}.sealed`);
    return SessionAuthority.open({ tenantId, sessionId, path }, { sealer, now: new Date(now), ttlSeconds });
  }

  #listen(session: LiveSession): Promise<SessionListener> {
    return this.#options.openListener({ session, socketPath: socketPathOf(session.runtimeDirectory) });
  }

  async #reportReady(slot: Slot): Promise<void> {
    const { live, listener } = slot;
    if (live === null || listener === null) return;
    const caCertificatePem = live.authority.certificatePem;
    const { info, runtimeDirectory } = live;
    try {
      // Of a restored one the other side knows from before.
      if (caCertificatePem !== null)
        await this.#options.report(info, { kind: 'ready', caCertificatePem, runtimeDirectory });
      slot.reported = true;
    } catch (error) {
      slot.retryAt = this.#options.clock.now() + RETRY_MS;
      this.#options.onFault('session.report-failed', error, info);
    }
  }

  async #reportFailure(info: SessionInfo, error: unknown): Promise<void> {
    const { code, message } = AileronError.from(error);
    await this.#options
      .report(info, { kind: 'failed', code, message })
      .catch((cause: unknown) => this.#options.onFault('session.report-failed', cause, info));
  }

  async #dispose(slot: Slot, sessionId: string): Promise<void> {
    const { live, listener } = slot;
    slot.listener = null;
    try {
      live?.end();
      await listener?.close();
      await live?.authority.destroy();
      await removeRuntimeDirectory(
        live?.runtimeDirectory ??
          runtimeDirectoryOf(this.#options.socketRoot, { tenantId: this.#options.tenantId, sessionId }),
      );
      if (live !== null) await this.#options.onEvent(live.info, slot.ending ?? 'ended');
    } catch (error) {
      this.#options.onFault('session.dispose-failed', error, live?.info);
    }
  }

  /** What a proxy that was killed left behind of sessions that ended meanwhile. */
  async #sweepLeftovers(sessionIds: ReadonlySet<string>): Promise<void> {
    const { socketRoot, stateDirectory, tenantId } = this.#options;
    const folders = new Set(
      [...sessionIds].map((sessionId) => runtimeDirectoryOf(socketRoot, { tenantId, sessionId })),
    );
    const inUse = (path: string) =>
      folders.has(path) || [...this.#slots.values()].some(({ live }) => live?.runtimeDirectory === path);
    for (const name of (await readdir(socketRoot)).filter((entry) => FOLDER.test(entry))) {
      const path = join(socketRoot, name);
      if (!inUse(path)) await removeRuntimeDirectory(path);
    }
    for (const name of await readdir(stateDirectory)) {
      const sessionId = SEALED.exec(name)?.[1];
      const known = sessionId !== undefined && (sessionIds.has(sessionId) || this.#slots.has(sessionId));
      if (!known) await rm(join(stateDirectory, name), { force: true });
    }
  }
}
