import { AileronError } from '@aileron/errors';
import { CLOCK, LOGGER, type Clock } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { repeat } from '../leader/repeat.js';
import { LifecycleService } from '../workspaces/lifecycle.service.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { readAskedSession, type AskedSession } from './asked-session.js';
import { EXECUTION_SESSIONS, type ExecutionSessionPort, type SeenSession } from './execution-session.port.js';
import { ExecutionSessionsRepository, type StoredSession } from './execution-sessions.repository.js';
import { isSameFirewall, SessionFirewalls } from './session-firewalls.service.js';

const LOOK_EVERY_MS = 2_000;
const CALL_MS = 5_000;
const AT_ONCE = 16;
const MOST_A_LOOK = 200;
const NOTHING = { networkAccess: false, mode: 'allowlist', domains: [] } as const;
const SHORTEST_SECONDS = 60;

/**
 * Keeps sessions and launches together: a session whose launch is over is ended, one that is over restarts its
 * workspace with a new one, one whose firewall is not the stored one gets it, and whether one is locked is told.
 */
@Injectable()
export class SessionDuty {
  #from = 0;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(ExecutionSessionsRepository) private readonly stored: ExecutionSessionsRepository,
    @Inject(EXECUTION_SESSIONS) private readonly sessions: ExecutionSessionPort,
    @Inject(SessionFirewalls) private readonly firewalls: SessionFirewalls,
    @Inject(LifecycleService) private readonly lifecycle: LifecycleService,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
  ) {}

  run(signal: AbortSignal): Promise<void> {
    const onError = (error: unknown) => this.logger.warn({ err: error }, 'workspace.sessions-failed');
    return repeat({ everyMs: LOOK_EVERY_MS, signal, onError }, async () => {
      const waiting = this.#next(await this.stored.list(null));
      const workers = Array.from({ length: AT_ONCE }, async () => {
        for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
          await this.#look(next, signal).catch(onError);
        }
      });
      await Promise.all(workers);
    });
  }

  /** Those whose launch is over, and of the others as many as can be asked for in a while, in turn. */
  #next(sessions: readonly StoredSession[]): StoredSession[] {
    const [present, over] = [sessions.filter((each) => each.present), sessions.filter((each) => !each.present)];
    const from = this.#from < present.length ? this.#from : 0;
    this.#from = from + MOST_A_LOOK;
    return [...over.slice(0, MOST_A_LOOK), ...present.slice(from, from + MOST_A_LOOK)];
  }

  async #look(session: StoredSession, signal: AbortSignal): Promise<void> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]);
    const asked = readAskedSession(session.sessionId);
    if (asked !== null) return session.present ? undefined : this.#endAsked(session, asked, within);
    if (!session.present) {
      await this.sessions.end(session.sessionId, within);
      await this.stored.remove(session.sessionId);
      return;
    }
    const seen = await this.sessions.read(session.sessionId, within);
    if (seen === null || session.expiresAt.getTime() <= this.clock.now()) return this.#restart(session);
    await this.#keepFirewall(session, seen, within);
    if (seen.locked === session.locked) return;
    if (await this.stored.setLocked(session.sessionId, seen.locked)) await this.workspaces.touch(session.workspaceId);
  }

  /** Nobody knows whether it began: asked for again it is that one, or another that is ended at once. */
  async #endAsked({ sessionId, workspaceId }: StoredSession, asked: AskedSession, within: AbortSignal): Promise<void> {
    const input = { ...asked, workspaceId, firewall: NOTHING, ttlSeconds: SHORTEST_SECONDS };
    try {
      const begun = await this.sessions.start(input, within);
      await this.sessions.end(begun.sessionId, within);
    } catch (error) {
      // It is over, or could never begin.
      if (!AileronError.is(error, 'PRECONDITION_FAILED') && !AileronError.is(error, 'INVALID_ARGUMENT')) throw error;
    }
    await this.stored.remove(sessionId);
  }

  /** A change of the settings that did not reach the session, or came too late, reaches it now. */
  async #keepFirewall(
    { sessionId, workspaceId }: StoredSession,
    seen: SeenSession,
    within: AbortSignal,
  ): Promise<void> {
    const record = await this.workspaces.find(workspaceId);
    if (record === null) return;
    if (seen.firewall !== null && isSameFirewall(seen.firewall, this.firewalls.of(record))) return;
    this.logger.info({ workspaceId, sessionId }, 'workspace.firewall-behind');
    await this.firewalls.apply(sessionId, record, within);
  }

  /** Its sockets are gone with it: the workspace gets a new launch. Whatever goes on already ends in one. */
  async #restart({ workspaceId, launch }: StoredSession): Promise<void> {
    const record = await this.workspaces.find(workspaceId);
    if (record?.state.phase !== 'running' || record.containerLaunch !== launch || record.state.operation !== null)
      return;
    this.logger.info({ workspaceId }, 'workspace.session-over');
    const generation = record.state.intent.generation + 1;
    const event = { type: 'intent', generation, action: { name: 'restart' } } as const;
    await this.lifecycle.apply(workspaceId, event).catch((error: unknown) => {
      if (!AileronError.is(error, 'CONFLICT') && !AileronError.is(error, 'PRECONDITION_FAILED')) throw error;
    });
  }
}
