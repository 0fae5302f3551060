// `aileron up --demo` as a person starts it, with the REST client beside it: for the tests of the whole journey.
import { randomUUID } from 'node:crypto';
import type { AgentEvent, ConversationView } from '@aileron/contracts/agent-events';
import type { WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { StreamCursor } from '@aileron/event-log';
import { applyAgentEvent, EMPTY_CONVERSATION } from '@aileron/contracts/agent-events';
import type { LocalApi } from '../api/local-api.js';
import { settledWorkspace } from '../workspace/settled-workspace.js';
import { eventually, randomName } from './running-service.fixture.js';

export const LONG_MS = 120_000;

/** A workspace that runs and is unlocked. */
export async function createWorkspace(client: WorkspaceClient, name = `w-${randomName()}`): Promise<WorkspaceView> {
  const intent = await client.createWorkspace({ body: { name } });
  const settled = await settledWorkspace({
    client,
    intent,
    goal: 'running',
    withinMs: LONG_MS,
    onStep: () => undefined,
  });
  if (settled === null) throw new Error('it was removed');
  const params = { workspaceId: settled.workspaceId };
  const isUnlocked = async () => !(await client.getWorkspace({ params })).attentionReasons.includes('locked');
  await eventually(isUnlocked, LONG_MS);
  return settled;
}

/** A fake agent that does what it is told, and the conversation with it as a reader sees it. */
export class Talk {
  private constructor(
    private readonly client: WorkspaceClient,
    readonly agentSessionId: string,
  ) {}

  static async start(client: WorkspaceClient, workspace: WorkspaceView): Promise<Talk> {
    const { agentSessionId } = await client.createAgentSession({
      body: { workspace: workspace.workspaceId, agent: 'fake' },
    });
    return new Talk(client, agentSessionId);
  }

  async say(text: string): Promise<void> {
    const params = { agentSessionId: this.agentSessionId };
    await this.client.sendMessage({ params, body: { messageId: randomUUID(), text } });
  }

  /** Reads from the beginning until it is so. @throws when that takes too long */
  async until(holds: (view: ConversationView) => boolean): Promise<ConversationView> {
    const signal = AbortSignal.timeout(LONG_MS);
    const cursor = new StreamCursor<AgentEvent, ConversationView>();
    let view = EMPTY_CONVERSATION;
    while (!signal.aborted) {
      const query = cursor.position ?? {};
      const params = { agentSessionId: this.agentSessionId };
      try {
        for await (const delivery of this.client.watchAgentSession({ params, query, signal })) {
          const step = cursor.accept(delivery);
          if (step.do === 'replace') view = step.snapshot;
          if (step.do === 'apply') for (const { event } of step.events) view = applyAgentEvent(view, event);
          if (holds(view)) return view;
        }
      } catch (error) {
        if (signal.aborted)
          throw new Error(`it did not come to that: ${JSON.stringify(view).slice(-4_000)}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error(`it did not come to that: ${JSON.stringify(view).slice(-4_000)}`);
  }
}

/** What the tools of a conversation printed. */
export const printed = (view: ConversationView): string =>
  view.items.map((item) => (item.type === 'tool' ? (item.result?.text ?? '') : '')).join('\n');

/** The approval that asks for an issue of this title. */
export async function approvalOf(api: LocalApi, title: string): Promise<string> {
  let found: string | undefined;
  await eventually(async () => {
    const { approvals } = await api.listApprovals({ state: 'pending' });
    found = approvals.find(({ preview }) => JSON.stringify(preview.arguments).includes(title))?.approvalId;
    return found !== undefined;
  }, LONG_MS);
  return found ?? '';
}
