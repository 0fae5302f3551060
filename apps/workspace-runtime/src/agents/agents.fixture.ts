import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeAgent } from '@aileron/agents';
import {
  AgentEvent,
  applyAgentEvent,
  ConversationSnapshot,
  type ConversationView,
  EMPTY_CONVERSATION,
} from '@aileron/contracts/agent-events';
import { RuntimeService } from '@aileron/contracts/grpc';
import { deliverySchema, StreamCursor, type StreamPosition } from '@aileron/event-log';
import { type Client, createClient, InProcessTransport, runServices, serviceToRun } from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import type { z } from 'zod';
import type { WorkspaceRuntimeConfig } from '../config.js';
import { workspaceRuntime } from '../service.js';
import { VERSION } from '../version.js';

const PATIENCE_MS = 120_000;
const AnyDelivery = deliverySchema(AgentEvent, ConversationSnapshot);

export interface TestRuntime {
  readonly client: Client<typeof RuntimeService>;
  readonly home: string;
  readonly project: string;
  /** The same again: the home is the only thing that stays. */
  restart(more?: Settings): Promise<TestRuntime>;
  close(): Promise<void>;
}

type Settings = Partial<z.input<typeof WorkspaceRuntimeConfig>>;

/** A runtime whose agents have no boundary, with the fake agent, in a home of its own. */
export async function startRuntime(settings: Settings = {}, home?: string): Promise<TestRuntime> {
  const place = home ?? (await mkdtemp(join(tmpdir(), 'runtime-agents-')));
  const project = join(place, 'project');
  await mkdir(project, { recursive: true });
  const fake = await fakeAgent.install({ directory: place, signal: AbortSignal.timeout(20_000) });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const config: Settings = {
    workspaceId: 'wsp_1',
    projectDirectory: project,
    agents: [{ kind: 'fake', installDirectory: fake.directory, command: fake.command }],
    agentEnvironment: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: place },
    projectInside: project,
    nodeInside: process.execPath,
    ...settings,
  };
  const running = await runServices([serviceToRun(workspaceRuntime, config)], {
    platform: (service) => ({ logger, metrics: createMetrics(service), clock: { now: () => Date.now() } }),
  });
  const transport = new InProcessTransport(running.registry, { version: VERSION, logger, peer: 'workspace-manager' });
  return {
    client: createClient(RuntimeService, transport, { version: VERSION }),
    home: place,
    project,
    restart: async (more = {}) => {
      await running.close();
      return startRuntime({ ...settings, ...more }, place);
    },
    close: async () => {
      await running.close();
      await rm(place, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** Somebody who follows an agent: what he was told, and the conversation as he sees it. */
export class Follower {
  readonly events: AgentEvent[] = [];
  readonly numbers: number[] = [];
  readonly gaps: string[] = [];
  view: ConversationView = EMPTY_CONVERSATION;
  snapshots = 0;
  cursor = new StreamCursor<AgentEvent, ConversationView>();

  constructor(
    private readonly client: Client<typeof RuntimeService>,
    readonly agentSessionId: string,
  ) {}

  get place(): StreamPosition | null {
    return this.cursor.position;
  }

  said(): string[] {
    return this.view.items.flatMap((item) =>
      item.type === 'message' && item.role === 'assistant' && item.kind === 'text' ? [item.text] : [],
    );
  }

  /** Attached until it is so, or until `most` deliveries came; then cut. */
  async until(isOver: (follower: this) => boolean, most = Infinity): Promise<this> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    let deliveries = 0;
    try {
      const from = this.place === null ? {} : { from: { epoch: this.place.epoch, seq: BigInt(this.place.seq) } };
      const attached = this.client.attachAgent(
        { agentSessionId: this.agentSessionId, ...from },
        { signal: stop.signal },
      );
      if (isOver(this)) return this;
      for await (const { delivery } of attached) {
        this.#take(AnyDelivery.parse(JSON.parse(Buffer.from(delivery).toString())));
        deliveries += 1;
        if (isOver(this) || deliveries >= most) break;
      }
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
    if (!isOver(this) && deliveries < most)
      throw new Error(`it did not come: ${JSON.stringify(this.events.slice(-6)).slice(0, 2_000)}`);
    return this;
  }

  idle(): Promise<this> {
    return this.until(({ view }) => view.state === 'idle');
  }

  #take(delivery: z.infer<typeof AnyDelivery>): void {
    const step = this.cursor.accept(delivery);
    if (step.do === 'reattach') throw new Error('a delivery was lost on the way');
    if (step.do === 'show-gap') this.gaps.push(step.reason);
    if (step.do === 'replace') {
      this.snapshots += 1;
      this.view = step.snapshot;
    }
    if (step.do !== 'apply') return;
    for (const { seq, event } of step.events) {
      this.numbers.push(seq);
      this.events.push(event);
      this.view = applyAgentEvent(this.view, event);
    }
  }
}

export const newSessionId = (): string => `ags_${randomUUID().slice(0, 8)}`;
