import type { PermissionMode, PromptAnswer, UserMessage } from '@aileron/agents';
import type { AgentEvent, ConversationView } from '@aileron/contracts/agent-events';
import { AileronError } from '@aileron/errors';
import type { Delivery, StreamPosition } from '@aileron/event-log';
import { LOGGER } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type WorkspaceRuntimeConfig } from '../config.js';
import { StatusSignal } from '../status/status-signal.js';
import { type AgentLog, createAgentLog } from './agent-log.js';
import { AgentKinds } from './agent-kinds.js';
import { AgentSession, type AgentStart, type AgentStatusView } from './agent-session.js';

/** Agents that are over are remembered up to so many together with those that run, the latest ones. */
const MOST_REMEMBERED = 32;

export interface StartAgent {
  readonly agentSessionId: string;
  readonly agent: string;
  readonly mode: PermissionMode;
  readonly resumeId: string | null;
}

/** The agents of this workspace. */
@Injectable()
export class AgentSessionsService implements OnModuleDestroy {
  readonly #sessions = new Map<string, AgentSession>();
  readonly #log: AgentLog;
  #ending = false;

  constructor(
    @Inject(CONFIG) private readonly config: WorkspaceRuntimeConfig,
    @Inject(LOGGER) logger: Logger,
    @Inject(AgentKinds) private readonly kinds: AgentKinds,
    @Inject(StatusSignal) private readonly changes: StatusSignal,
  ) {
    this.#log = createAgentLog((stream, cause) => logger.error({ err: cause, stream }, 'agent.log-failed'));
  }

  /** False: the agent of this id is there already. AGENT_UNAVAILABLE, UNIMPLEMENTED (mode), RATE_LIMITED: too many run */
  async start({ agentSessionId, agent, mode, resumeId }: StartAgent): Promise<boolean> {
    if (this.#ending) throw new AileronError('UNAVAILABLE', { reason: 'the runtime ends' });
    const known = this.#sessions.get(agentSessionId);
    if (known !== undefined && !known.isOver) return false;
    const start = { adapter: this.kinds.find(agent), mode, resumeId };
    this.#assertRoom();
    if (known === undefined) this.#sessions.set(agentSessionId, this.#begin(agentSessionId, start));
    else known.startAgain(start);
    this.changes.raise();
    await this.#forgetOldest();
    return true;
  }

  send(agentSessionId: string, message: UserMessage): 'sent' | 'queued' {
    return this.#find(agentSessionId).send(message);
  }

  /** Begun, not waited for: its events say when the agent is idle. */
  interrupt(agentSessionId: string): void {
    this.#find(agentSessionId).interrupt();
  }

  answer(agentSessionId: string, answer: PromptAnswer): void {
    this.#find(agentSessionId).answer(answer);
  }

  /** Begun, not waited for: its events say when it has ended. */
  end(agentSessionId: string): void {
    void this.#find(agentSessionId).end();
  }

  attach(
    agentSessionId: string,
    from: StreamPosition | null,
    signal: AbortSignal,
  ): AsyncGenerator<Delivery<AgentEvent, ConversationView>> {
    this.#find(agentSessionId);
    return this.#log.attach(agentSessionId, from, signal);
  }

  get statuses(): AgentStatusView[] {
    return [...this.#sessions.values()].map(({ status }) => status);
  }

  async onModuleDestroy(): Promise<void> {
    this.#ending = true;
    await Promise.all([...this.#sessions.values()].map((session) => session.end()));
    await this.#log.close();
  }

  #begin(id: string, start: AgentStart): AgentSession {
    return new AgentSession(id, start, this.#log, () => this.changes.raise());
  }

  #assertRoom(): void {
    const { maxAgents } = this.config;
    const running = [...this.#sessions.values()].filter(({ isOver }) => !isOver).length;
    if (running >= maxAgents) throw new AileronError('RATE_LIMITED', { maxAgents });
  }

  async #forgetOldest(): Promise<void> {
    const over = [...this.#sessions].filter(([, { isOver }]) => isOver);
    for (const [id] of over.slice(0, Math.max(0, this.#sessions.size - MOST_REMEMBERED))) {
      this.#sessions.delete(id);
      await this.#log.remove(id);
    }
  }

  /** @throws AileronError NOT_FOUND */
  #find(agentSessionId: string): AgentSession {
    const session = this.#sessions.get(agentSessionId);
    if (session === undefined) throw new AileronError('NOT_FOUND', { agentSessionId });
    return session;
  }
}
