import { setTimeout as delay } from 'node:timers/promises';
import type { WatchStatusResponse } from '@aileron/contracts/grpc';
import { isFinalState, AgentState } from '@aileron/contracts/agent-events';
import { AileronError } from '@aileron/errors';
import { LOGGER } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { InsideClients } from '../inside/inside-clients.js';
import { RunningTasks } from '../leader/running-tasks.js';
import type { RuntimeListener } from '../watch/watch.duty.js';
import type { WorkspaceRecord } from '../workspaces/workspace-record.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { AgentLog } from './agent-log.js';
import { AgentMirror } from './agent-mirror.js';
import type { AgentRecord } from './agent-record.js';
import { AgentSessionsRepository } from './agent-sessions.repository.js';
import { AgentSender, isPassing } from './agent-sender.js';

interface WatchedRuntime {
  readonly bootId: string;
  /** Mirrors by their agents. */
  readonly mirrors: Map<string, AbortController>;
  looking: boolean;
  /** Agents that this start of the runtime refused. */
  readonly refused: Set<string>;
  waiting: WatchStatusResponse | null;
  ended: boolean;
}

const LOOK_AGAIN_MS = 250;
/** Of a runtime, at each look: it names what it likes. */
const MOST_ENDED = 16;

const isOver = (state: string): boolean => {
  const read = AgentState.safeParse(state);
  return read.success && isFinalState(read.data);
};

/** Agents of the workspaces that run: resumed after a restart of their runtime, told what waits, and copied. */
@Injectable()
export class AgentsDuty implements RuntimeListener {
  readonly #tasks = new RunningTasks();
  readonly #runtimes = new Map<string, WatchedRuntime>();

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(InsideClients) private readonly inside: InsideClients,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
    @Inject(AgentSessionsRepository) private readonly agents: AgentSessionsRepository,
    @Inject(AgentSender) private readonly sender: AgentSender,
    @Inject(AgentLog) private readonly log: AgentLog,
  ) {}

  onRuntime({ workspaceId }: WorkspaceRecord, status: WatchStatusResponse): void {
    const known = this.#runtimes.get(workspaceId);
    if (known?.bootId !== status.bootId) this.onUnwatched(workspaceId);
    const fresh: WatchedRuntime = {
      bootId: status.bootId,
      mirrors: new Map(),
      looking: false,
      refused: new Set(),
      waiting: null,
      ended: false,
    };
    const runtime = this.#runtimes.get(workspaceId) ?? fresh;
    this.#runtimes.set(workspaceId, runtime);
    runtime.waiting = status;
    this.#tasks.add(this.#look(workspaceId, runtime));
  }

  /** Everything is unwatched, and what went on has ended. */
  settled(): Promise<void> {
    return this.#tasks.settled();
  }

  onUnwatched(workspaceId: string): void {
    const runtime = this.#runtimes.get(workspaceId);
    if (runtime === undefined) return;
    runtime.ended = true;
    for (const mirror of runtime.mirrors.values()) mirror.abort();
    this.#runtimes.delete(workspaceId);
  }

  /** One look at a time, at the latest that was said. */
  async #look(workspaceId: string, runtime: WatchedRuntime): Promise<void> {
    if (runtime.looking) return;
    runtime.looking = true;
    try {
      for (let status = runtime.waiting; status !== null && !runtime.ended; status = runtime.waiting) {
        runtime.waiting = null;
        await this.#care(workspaceId, runtime, status);
      }
    } catch (error) {
      this.logger.warn({ err: error, workspaceId }, 'agents.look-failed');
    } finally {
      runtime.looking = false;
    }
  }

  async #care(workspaceId: string, runtime: WatchedRuntime, status: WatchStatusResponse): Promise<void> {
    const record = await this.workspaces.find(workspaceId);
    if (record === null || runtime.ended) return;
    if (record.state.phase !== 'running') {
      // It is about to run, as soon as its worker says so.
      await delay(LOOK_AGAIN_MS);
      runtime.waiting ??= status;
      return;
    }
    const present = new Set(status.agents.map(({ agentSessionId }) => agentSessionId));
    const open = await this.agents.listOpen(workspaceId);
    await this.#endEnded(record, status, new Set(open.map(({ agentSessionId }) => agentSessionId)));
    for (const agent of open) {
      const { agentSessionId } = agent;
      await this.#careFor(record, agent, runtime, present.has(agentSessionId)).catch((error: unknown) => {
        // The others do not wait for this one: it is looked at again at the next status.
        this.logger.warn({ err: error, agentSessionId }, 'agents.care-failed');
      });
    }
  }

  async #careFor(record: WorkspaceRecord, agent: AgentRecord, runtime: WatchedRuntime, there: boolean): Promise<void> {
    const { agentSessionId } = agent;
    if (!there) {
      if (isFinalState(AgentState.parse(agent.state)) || runtime.refused.has(agentSessionId)) return;
      if (!(await this.#resume(record, agent, runtime))) return;
    }
    this.#mirror(record, agentSessionId, runtime);
    const refused = await this.sender.sendAccepted(record, agentSessionId);
    if (refused.length > 0) this.logger.warn({ agentSessionId, messageIds: refused }, 'agents.messages-refused');
  }

  /** Somebody ended them when their runtime could not be told. */
  async #endEnded(record: WorkspaceRecord, { agents }: WatchStatusResponse, open: ReadonlySet<string>): Promise<void> {
    const others = agents.filter(({ agentSessionId, state }) => !open.has(agentSessionId) && !isOver(state));
    for (const { agentSessionId } of others.slice(0, MOST_ENDED)) {
      const agent = await this.agents.find(agentSessionId);
      if (agent?.workspaceId !== record.workspaceId || !agent.ended) continue;
      await this.sender.end(record, agentSessionId).catch((error: unknown) => {
        this.logger.warn({ err: error, agentSessionId }, 'agents.end-not-told');
      });
    }
  }

  async #resume(record: WorkspaceRecord, agent: AgentRecord, runtime: WatchedRuntime): Promise<boolean> {
    const { agentSessionId } = agent;
    try {
      const started = await this.sender.start(record, agent);
      if (started) await this.agents.acceptQueuedAgain(agentSessionId);
      return true;
    } catch (error) {
      if (isPassing(error)) return false;
      runtime.refused.add(agentSessionId);
      this.logger.warn({ err: error, agentSessionId }, 'agents.resume-failed');
      const reason = AileronError.from(error).definition.message;
      await this.agents.setState(agentSessionId, { state: 'failed', reason });
      await this.workspaces.touch(record.workspaceId);
      return false;
    }
  }

  #mirror(record: WorkspaceRecord, agentSessionId: string, runtime: WatchedRuntime): void {
    if (runtime.ended || runtime.mirrors.has(agentSessionId)) return;
    const ending = new AbortController();
    runtime.mirrors.set(agentSessionId, ending);
    const { workspaceId } = record;
    const mirror = new AgentMirror({
      workspaceId,
      agentSessionId,
      runtime: this.inside.runtime(record),
      agents: this.agents,
      log: this.log,
      signal: ending.signal,
      onState: () => this.#tasks.add(this.workspaces.touch(workspaceId).catch(() => undefined)),
      onError: (error) => this.logger.warn({ err: error, agentSessionId }, 'agents.copy-failed'),
    });
    this.#tasks.add(mirror.run().finally(() => runtime.mirrors.delete(agentSessionId)));
  }
}
