import { createHash, randomBytes } from 'node:crypto';
import type { SessionState, StartSessionRequest } from '@aileron/contracts/rest';
import { AileronError, ERROR_TABLE, type ErrorCode } from '@aileron/errors';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type MgmtPlaneConfig } from '../config.js';
import type { Caller } from '../identity/identity.service.js';
import { CLOCK, randomId, type Clock } from '@aileron/service-host';
import { LEASE_PORT, type LeasePort, type SessionKey } from '../ports/lease.port.js';
import { ChangeSignal, type Subscription } from '../signals/change-signal.js';
import { APPROVALS, SESSIONS, sessionTopic } from '../signals/topics.js';
import type { EndReason, SessionRow } from './session.js';
import { type SessionEndpoint, SessionsRepository } from './sessions.repository.js';

/** How often a waiting start looks by itself, in case another process heard the proxy. */
const RE_READ_MS = 1_000;
const SWEEP_LIMIT = 100;
const START_GRACE_MS = 30_000;

/** `firewall` and `requestId` as in SessionRow. */
export type WantedSession = StartSessionRequest & { readonly firewall?: string; readonly requestId?: string };

export interface StartedSession {
  readonly session: SessionRow & SessionEndpoint;
  /** 32 random bytes, base64url. Shown once, never stored. */
  readonly agentToken: string;
}

@Injectable()
export class SessionsService {
  /** Which proxies could not prepare a session that is starting. */
  readonly #failures = new Map<string, Set<string>>();

  constructor(
    @Inject(CONFIG) private readonly config: MgmtPlaneConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SessionsRepository) private readonly sessions: SessionsRepository,
    @Inject(ChangeSignal) private readonly changes: ChangeSignal,
    @Inject(LEASE_PORT) private readonly leases: LeasePort,
  ) {}

  /**
   * A new session, once a proxy prepared it. ENFORCEMENT_UNAVAILABLE, and the session has ended, when none did in time;
   * the proxy's own code when one could not.
   */
  async start(caller: Caller, request: WantedSession, signal?: AbortSignal): Promise<StartedSession> {
    const { agentToken, agentTokenSha256 } = newToken();
    const key = { tenantId: caller.tenantId, sessionId: randomId('ses') };
    const createdAt = new Date(this.clock.now());
    const changed = this.changes.subscribe(sessionTopic(key.sessionId));
    try {
      const isNew = await this.sessions.insert({
        ...key,
        userId: caller.userId,
        userName: caller.userName,
        agent: request.agent,
        workspace: request.workspace ?? null,
        project: request.project ?? null,
        agentTokenSha256,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + request.ttlSeconds * 1_000),
        firewall: request.firewall ?? null,
        requestId: request.requestId ?? null,
      });
      if (!isNew) throw new AileronError('CONFLICT', { part: 'request_id' });
      this.changes.notify(SESSIONS);
      return { session: await this.#prepared(key, changed, signal), agentToken };
    } catch (error) {
      await this.end(key, 'start-failed').catch(() => undefined);
      throw error;
    } finally {
      this.#failures.delete(key.sessionId);
      changed.close();
    }
  }

  /**
   * A session that was started before, with another token: the one before opens nothing any more. As `start` when it is
   * still starting; SESSION_ENDED.
   */
  async resume(key: SessionKey, firewall: string, signal?: AbortSignal): Promise<StartedSession> {
    const { agentToken, agentTokenSha256 } = newToken();
    const changed = this.changes.subscribe(sessionTopic(key.sessionId));
    try {
      await this.#change({ ...key, firewall, agentTokenSha256 });
      const session = await this.get(key);
      if (session.state === 'active' && isPrepared(session)) return { session, agentToken };
      return { session: await this.#prepared(key, changed, signal), agentToken };
    } finally {
      changed.close();
    }
  }

  /** What it may reach from now on. SESSION_ENDED. */
  async setFirewall(key: SessionKey, firewall: string): Promise<void> {
    await this.#change({ ...key, firewall });
  }

  async #change(change: Parameters<SessionsRepository['change']>[0]): Promise<void> {
    const { tenantId, sessionId } = change;
    await this.getAlive({ tenantId, sessionId });
    if (!(await this.sessions.change(change))) throw new AileronError('SESSION_ENDED', { sessionId });
    this.changes.notify(SESSIONS);
  }

  /** The session that this request of the workspace manager made; null when there is none. */
  findByRequest(key: { tenantId: string; requestId: string }): Promise<SessionRow | null> {
    return this.sessions.findByRequest(key);
  }

  /** Waits until a proxy reported. */
  async #prepared(
    key: SessionKey,
    changed: Pick<Subscription, 'next'>,
    signal: AbortSignal | undefined,
  ): Promise<SessionRow & SessionEndpoint> {
    const deadline = this.clock.now() + this.config.sessionStartDeadlineMs;
    for (;;) {
      const remaining = deadline - this.clock.now();
      await changed.next({ timeoutMs: Math.min(remaining, RE_READ_MS), signal });
      const session = await this.get(key);
      if (session.state === 'active' && isPrepared(session)) return session;
      if (session.state === 'ended') throw startFailure(session.failureCode);
      if (signal?.aborted === true) throw new AileronError('CANCELLED');
      if (this.clock.now() >= deadline) {
        await this.end(key, 'start-timeout');
        throw new AileronError('ENFORCEMENT_UNAVAILABLE', { reason: 'no proxy prepared the session in time' });
      }
    }
  }

  /**
   * A proxy's report. The first one makes the session's CA; about a session that another proxy prepared it changes
   * nothing; about one that has ended it is refused, so that the proxy lets go.
   * @returns the certificate of the session's CA, whoever made it
   */
  async prepared(input: SessionKey & SessionEndpoint): Promise<string> {
    const activated = await this.sessions.activate(input);
    if (activated) this.changes.notify(SESSIONS, sessionTopic(input.sessionId));
    else await this.#refuseIfEnded(input);
    return (await this.get(input)).caCertificatePem ?? '';
  }

  /** Keys were delivered to credential-service: proxies can put at rest what the session needs to survive them. */
  async unlocked(key: SessionKey, unlockedUntil: Date): Promise<void> {
    if (await this.sessions.setKeys({ ...key, unlockedUntil })) this.changes.notify(SESSIONS);
  }

  /** Keys are taken back: proxies cut what runs with them. */
  async locked(key: SessionKey): Promise<void> {
    const lockedAt = new Date(this.clock.now());
    if (await this.sessions.setKeys({ ...key, unlockedUntil: null, lockedAt })) this.changes.notify(SESSIONS);
  }

  /** A proxy could not. While another of `proxies` may, the session goes on starting: until its deadline. */
  async failed(input: SessionKey & { proxyId: string; code: string; proxies?: number }): Promise<void> {
    const { tenantId, sessionId, proxyId, code, proxies = 1 } = input;
    const session = await this.get(input);
    const theirs = session.state === 'starting' || (session.state === 'active' && session.proxyId === proxyId);
    if (!theirs) return this.#refuseIfEnded(input);
    if (session.state === 'starting' && this.#countFailures(sessionId, proxyId) < proxies) return;
    await this.end({ tenantId, sessionId }, 'start-failed', knownCode(code));
  }

  #countFailures(sessionId: string, proxyId: string): number {
    const failures = (this.#failures.get(sessionId) ?? new Set()).add(proxyId);
    this.#failures.set(sessionId, failures);
    return failures.size;
  }

  async #refuseIfEnded(key: SessionKey): Promise<void> {
    const session = await this.get(key);
    if (session.state !== 'ended') return;
    throw new AileronError('PRECONDITION_FAILED', { sessionId: key.sessionId, state: session.state });
  }

  /** NOT_FOUND for another tenant's. */
  async get({ tenantId, sessionId }: SessionKey): Promise<SessionRow> {
    const session = await this.sessions.find({ tenantId, sessionId });
    if (session === null) throw new AileronError('NOT_FOUND', { sessionId });
    return session;
  }

  /** The session while it may still act: SESSION_ENDED otherwise. */
  async getAlive(key: SessionKey): Promise<SessionRow> {
    const session = await this.get(key);
    if (session.state === 'ended' || session.expiresAt.getTime() <= this.clock.now()) {
      throw new AileronError('SESSION_ENDED', { sessionId: key.sessionId });
    }
    return session;
  }

  list(input: { tenantId: string; state?: SessionState | undefined; limit: number }): Promise<SessionRow[]> {
    return this.sessions.list(input);
  }

  count(input: { tenantId: string; state: SessionState }): Promise<number> {
    return this.sessions.countByState(input);
  }

  /** Ends a session: proxies hear of it, its approvals are cancelled, its keys forgotten. Ended before: nothing more. */
  async end(key: SessionKey, reason: EndReason, failureCode?: ErrorCode): Promise<SessionRow> {
    const { tenantId, sessionId } = key;
    this.#failures.delete(sessionId);
    const now = new Date(this.clock.now());
    const ended = await this.sessions.end({ tenantId, sessionId, now, reason, ...(failureCode && { failureCode }) });
    if (ended) {
      this.changes.notify(SESSIONS, sessionTopic(sessionId), APPROVALS);
      // The proxies serve it no more; keys that stay for want of an answer die with their lease.
      await this.leases.revoke({ tenantId, sessionId }).catch(() => undefined);
    }
    return this.get(key);
  }

  /** Ends the sessions whose time is over, and those whose start was cut off: nobody holds their token. */
  async sweep(): Promise<void> {
    const now = this.clock.now();
    const startedBefore = new Date(now - this.config.sessionStartDeadlineMs - START_GRACE_MS);
    const over = await this.sessions.listOver({ now: new Date(now), startedBefore, limit: SWEEP_LIMIT });
    for (const { state, ...key } of over) await this.end(key, state === 'starting' ? 'start-timeout' : 'expired');
  }

  /** True when the session has no keys in credential-service's memory, or nobody can tell. */
  async isLocked(session: SessionRow): Promise<boolean> {
    if (session.state === 'ended') return true;
    return !(await this.leases.isUnlocked(session).catch(() => false));
  }
}

function newToken(): { readonly agentToken: string; readonly agentTokenSha256: Uint8Array } {
  const agentToken = randomBytes(32).toString('base64url');
  return { agentToken, agentTokenSha256: createHash('sha256').update(agentToken).digest() };
}

function isPrepared(session: SessionRow): session is SessionRow & SessionEndpoint {
  return session.proxyId !== null && session.caCertificatePem !== null && session.runtimeDirectory !== null;
}

function knownCode(code: string): ErrorCode {
  return Object.hasOwn(ERROR_TABLE, code) ? (code as ErrorCode) : 'ENFORCEMENT_UNAVAILABLE';
}

function startFailure(code: string | null): AileronError {
  return code === null ? new AileronError('SESSION_ENDED') : new AileronError(knownCode(code));
}
