import { setTimeout as delay } from 'node:timers/promises';
import {
  applyAgentEvent,
  ConversationSnapshot,
  totalUsage,
  type AgentEvent,
  type ConversationView,
} from '@aileron/contracts/agent-events';
import { AileronError } from '@aileron/errors';
import { deliverySchema, type Delivery, type StreamPosition } from '@aileron/event-log';
import { z } from 'zod';
import type { RuntimeClient } from '../inside/inside-clients.js';
import type { AgentFacts } from './agent-record.js';
import type { AgentLog } from './agent-log.js';
import type { AgentSessionsRepository } from './agent-sessions.repository.js';
import { keptEvent } from './kept-event.js';

const LONGEST_ATTACH_MS = 12 * 3_600_000;
const LONGEST_PAUSE_MS = 5_000;

/** What a runtime sends is somebody's who is not trusted: events are looked at one by one. */
const RuntimeDelivery = deliverySchema(z.unknown(), z.unknown());

export interface AgentMirrorInput {
  readonly workspaceId: string;
  readonly agentSessionId: string;
  readonly runtime: RuntimeClient;
  readonly agents: AgentSessionsRepository;
  readonly log: AgentLog;
  readonly signal: AbortSignal;
  /** The state of the agent is another. */
  onState(): void;
  onError(error: unknown): void;
}

/**
 * Copies the stream of an agent from its runtime, each event exactly once: the place that was reached is stored with
 * what was copied, and only who knows the present place adds to it.
 */
export class AgentMirror {
  #view: ConversationView | null = null;
  #place: StreamPosition | null = null;

  constructor(private readonly input: AgentMirrorInput) {}

  async run(): Promise<void> {
    const { signal } = this.input;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        if (!(await this.#load())) return;
        for await (const delivery of this.#deliveries()) {
          failures = 0;
          await this.#take(delivery);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isLost(error)) this.input.onError(error);
      }
      const pauseMs = Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(failures, 10));
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Where the copy stands. False: there is none any more. */
  async #load(): Promise<boolean> {
    const { agents, log, agentSessionId } = this.input;
    const place = await agents.sourcePlace(agentSessionId);
    if (place === undefined) return false;
    this.#place = place;
    this.#view = await log.read(agentSessionId);
    return true;
  }

  async *#deliveries(): AsyncGenerator<Delivery<unknown, unknown>, void> {
    const { runtime, agentSessionId, signal } = this.input;
    const from = this.#place === null ? {} : { from: { epoch: this.#place.epoch, seq: BigInt(this.#place.seq) } };
    const attached = runtime.attachAgent({ agentSessionId, ...from }, { signal, deadlineMs: LONGEST_ATTACH_MS });
    for await (const { delivery } of attached) {
      yield RuntimeDelivery.parse(JSON.parse(Buffer.from(delivery).toString('utf8'))) as Delivery<unknown, unknown>;
    }
  }

  async #take(delivery: Delivery<unknown, unknown>): Promise<void> {
    switch (delivery.type) {
      case 'events': {
        const last = delivery.events.at(-1);
        if (last === undefined) return;
        const events = delivery.events.flatMap(({ event }) => keptEvent(event) ?? []);
        return this.#copy(events, { epoch: delivery.epoch, seq: last.seq });
      }
      case 'snapshot': {
        const view = ConversationSnapshot.parse(delivery.snapshot);
        await this.input.log.replace(this.input.agentSessionId, view);
        this.#view = view;
        return this.#copy([], delivery.at);
      }
      case 'gap':
        return this.#copy([], delivery.at);
      case 'live':
      case 'end':
    }
  }

  async #copy(events: readonly AgentEvent[], to: StreamPosition): Promise<void> {
    const { workspaceId, agentSessionId, agents } = this.input;
    const before = this.#view ?? (await this.input.log.read(agentSessionId));
    const view = events.reduce(applyAgentEvent, before);
    const entries = events.map((event) => Buffer.from(JSON.stringify(event), 'utf8'));
    const facts = factsOf(view);
    const copied = await agents.copy({ workspaceId, agentSessionId, from: this.#place, to, entries, facts });
    if (!copied) throw new AileronError('CONFLICT', { reason: 'copied-by-another' });
    this.#place = to;
    this.#view = view;
    const sent = unqueued(events, 'sent');
    if (sent.length > 0) await agents.setSent(agentSessionId, sent);
    const withdrawn = unqueued(events, 'withdrawn');
    if (withdrawn.length > 0) await agents.withdrawQueued(agentSessionId, withdrawn);
    if (before.state !== view.state) this.input.onState();
  }
}

/** What waited when an agent ended (`ended`) waits on: it is told to the one that takes over its conversation. */
const unqueued = (events: readonly AgentEvent[], reason: 'sent' | 'withdrawn'): string[] =>
  events.flatMap((event) => (event.type === 'unqueued' && event.reason === reason ? [event.messageId] : []));

function factsOf(view: ConversationView): AgentFacts {
  const { inputTokens, outputTokens, costUsd } = totalUsage(view);
  return {
    state: view.state,
    reason: view.reason?.slice(0, 1_024) ?? null,
    queued: view.queue.length,
    inputTokens,
    outputTokens,
    costUsd,
    conversationId: view.conversationId,
  };
}

/** The runtime, the database or the place went: it begins again where the copy stands. */
const isLost = (error: unknown): boolean =>
  AileronError.is(error) &&
  ['UNAVAILABLE', 'CONFLICT', 'CANCELLED', 'DATABASE_UNAVAILABLE', 'NOT_FOUND'].includes(error.code);
