// `aileron up --demo` as a person starts it, with the REST client beside it: for the tests of the whole journey.
import { randomUUID } from 'node:crypto';
import type { AgentEvent, ConversationView } from '@aileron/contracts/agent-events';
import type { CreateAgentSessionRequest, CreateWorkspaceRequest, WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { StreamCursor } from '@aileron/event-log';
import { applyAgentEvent, EMPTY_CONVERSATION } from '@aileron/contracts/agent-events';
import type { LocalApi } from '../api/local-api.js';
import { settledWorkspace } from '../workspace/settled-workspace.js';
import { aileron, eventually, randomName } from './running-service.fixture.js';
import type { UpUnderTest } from './up.fixture.js';

export const LONG_MS = 120_000;

/** A workspace that runs and is unlocked. */
export async function createWorkspace(
  client: WorkspaceClient,
  body: Partial<CreateWorkspaceRequest> = {},
): Promise<WorkspaceView> {
  return await settled(client, await client.createWorkspace({ body: { name: `w-${randomName()}`, ...body } }));
}

/** Waits until it runs and is unlocked. */
export async function settled(client: WorkspaceClient, intent: WorkspaceView): Promise<WorkspaceView> {
  const view = await settledWorkspace({
    client,
    intent,
    goal: 'running',
    withinMs: LONG_MS,
    onStep: () => undefined,
  });
  if (view === null) throw new Error('it was removed');
  const params = { workspaceId: view.workspaceId };
  const isUnlocked = async () => !(await client.getWorkspace({ params })).attentionReasons.includes('locked');
  await eventually(isUnlocked, LONG_MS);
  return view;
}

/** A fake agent that does what it is told, and the conversation with it as a reader sees it. */
export class Talk {
  private constructor(
    private readonly client: WorkspaceClient,
    readonly agentSessionId: string,
  ) {}

  static async start(
    client: WorkspaceClient,
    workspace: WorkspaceView,
    of: Pick<CreateAgentSessionRequest, 'agent'> & Partial<CreateAgentSessionRequest> = { agent: 'fake' },
  ): Promise<Talk> {
    const { agentSessionId } = await client.createAgentSession({ body: { workspace: workspace.workspaceId, ...of } });
    return new Talk(client, agentSessionId);
  }

  async say(text: string): Promise<void> {
    const params = { agentSessionId: this.agentSessionId };
    await this.client.sendMessage({ params, body: { messageId: randomUUID(), text } });
  }

  /** Lets it do what it asks a person for. */
  async allow(promptId: string): Promise<void> {
    await this.client.answerPrompt({
      params: { agentSessionId: this.agentSessionId },
      body: { promptId, decision: 'allow' },
    });
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

/** As a person does on the command line. */
export async function approve({ home, passphrase }: UpUnderTest, approvalId: string): Promise<void> {
  const env = { AILERON_PASSPHRASE: passphrase.exposeString() };
  const { code, stderr } = await aileron(['--home', home.root, 'approval', 'approve', approvalId], { env });
  if (code !== 0) throw new Error(`it was not approved: ${stderr}`);
}
