import { randomUUID } from 'node:crypto';
import type { AgentSessionView, WorkspaceView } from '@aileron/contracts/workspace';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ManagerPlace, type RunningManager } from '../testing/running-manager.fixture.js';
import { StreamReader } from '../testing/stream-reader.fixture.js';
import { waitUntil } from '../testing/wait-until.fixture.js';

jest.setTimeout(240_000);

let place: ManagerPlace;
let manager: RunningManager;
let workspace: WorkspaceView;

beforeAll(async () => {
  place = await ManagerPlace.make();
  manager = await place.start();
  workspace = await manager.running_('agents');
});
afterAll(() => place.remove());

async function begin(more: object = {}): Promise<AgentSessionView> {
  const body = { workspace: workspace.workspaceId, agent: 'fake', ...more };
  const { status, json, text } = await manager.call('POST', '/api/v1/agent-sessions', body);
  if (status !== 201) throw new Error(`${status}: ${text}`);
  return json as AgentSessionView;
}

const viewOf = async (agentSessionId: string) =>
  (await manager.call('GET', `/api/v1/agent-sessions/${agentSessionId}`)).json as AgentSessionView;
const inState = (agentSessionId: string, state: AgentSessionView['state']) =>
  waitUntil(async () => (await viewOf(agentSessionId)).state === state);
const send = (agentSessionId: string, text: string, messageId = randomUUID()) =>
  manager.call('POST', `/api/v1/agent-sessions/${agentSessionId}/messages`, { messageId, text });
const follow = (agentSessionId: string, query = '') =>
  StreamReader.overWebSocket(`${manager.url}/api/v1/agent-sessions/${agentSessionId}/events${query}`);

/** What the agent said, from a stream that was read from its beginning. */
const said = (reader: StreamReader): string => JSON.stringify(reader.events.map(({ event }) => event));

describe('an agent of a workspace', () => {
  it('is talked to, followed, and takes a message once', async () => {
    const { agentSessionId, title } = await begin({ message: '/say hello there' });
    expect(title).toBe('/say hello there');
    const reader = follow(agentSessionId);
    await reader.until(() => said(reader).includes('hello there'));
    await inState(agentSessionId, 'idle');
    const messageId = randomUUID();
    expect(await send(agentSessionId, '/say once', messageId)).toMatchObject({ status: 202 });
    expect(await send(agentSessionId, '/say once', messageId)).toMatchObject({ status: 202 });
    expect(await send(agentSessionId, '/say other', messageId)).toMatchObject({ status: 409 });
    await send(agentSessionId, '/say last');
    await reader.until(() => said(reader).includes('last'));
    await inState(agentSessionId, 'idle');
    expect(reader.events.map(({ seq }) => seq)).toEqual(reader.events.map((_, index) => index + 1));
    reader.close();
    const { json } = await manager.call('GET', `/api/v1/agent-sessions?workspace=${workspace.workspaceId}`);
    expect((json as { agentSessions: AgentSessionView[] }).agentSessions.map((each) => each.agentSessionId)).toContain(
      agentSessionId,
    );
  });

  it('asks, which the workspace shows, and goes on with the answer', async () => {
    const { agentSessionId } = await begin();
    await inState(agentSessionId, 'idle');
    const reader = follow(agentSessionId);
    await send(agentSessionId, '/write asked.txt one');
    await inState(agentSessionId, 'waiting-approval');
    await waitUntil(async () => (await manager.view(workspace.workspaceId))?.attentionReasons.includes('approval'));
    const promptId = () => reader.events.find(({ event }) => event['type'] === 'permission-request')?.event['promptId'];
    await reader.until(() => promptId() !== undefined);
    const path = `/api/v1/agent-sessions/${agentSessionId}/answers`;
    expect(await manager.call('POST', path, { promptId: 'none', decision: 'deny' })).toMatchObject({ status: 404 });
    expect(await manager.call('POST', path, { promptId: promptId(), decision: 'allow' })).toMatchObject({
      status: 202,
    });
    await inState(agentSessionId, 'idle');
    const file = `/api/v1/workspaces/${workspace.workspaceId}/files/content?path=asked.txt`;
    expect(await manager.call('GET', file)).toMatchObject({ status: 200, json: { text: 'one' } });
    await waitUntil(async () => !(await manager.view(workspace.workspaceId))?.attentionReasons.includes('approval'));
    reader.close();
  });

  it('is ended, and what it said stays to be read', async () => {
    const { agentSessionId } = await begin({ message: '/say goodbye' });
    const reader = follow(agentSessionId);
    await reader.until(() => said(reader).includes('goodbye'));
    reader.close();
    expect(await manager.call('POST', `/api/v1/agent-sessions/${agentSessionId}/end`)).toMatchObject({ status: 202 });
    await inState(agentSessionId, 'ended');
    expect(await send(agentSessionId, 'more')).toMatchObject({ status: 409 });
    const late = follow(agentSessionId);
    await late.until(() => said(late).includes('goodbye'));
    late.close();
  });

  it('is refused where it cannot be', async () => {
    const post = (body: object) => manager.call('POST', '/api/v1/agent-sessions', body);
    expect(await post({ workspace: 'wsp_none', agent: 'fake' })).toMatchObject({ status: 404 });
    expect(await post({ workspace: workspace.workspaceId, agent: 'unheard-of' })).toMatchObject({ status: 400 });
    expect(await manager.call('GET', '/api/v1/agent-sessions/ags_none')).toMatchObject({ status: 404 });
  });

  it('is copied exactly once over a restart of the manager, and resumed after one of its runtime', async () => {
    const { agentSessionId } = await begin({ message: '/say before' });
    await inState(agentSessionId, 'idle');
    await manager.close();
    manager = await place.start();
    await manager.reached(workspace.workspaceId, 'running');
    await waitUntil(async () => (await send(agentSessionId, '/say between')).status === 202);
    const reader = follow(agentSessionId);
    await reader.until(() => said(reader).includes('between'));
    await inState(agentSessionId, 'idle');
    await place.provisioner.kill(workspace.workspaceId, 'runtime');
    const messageId = randomUUID();
    await waitUntil(async () => (await send(agentSessionId, '/say after', messageId)).status === 202);
    await reader.until(() => said(reader).includes('after'));
    await inState(agentSessionId, 'idle');
    expect(reader.events.map(({ seq }) => seq)).toEqual(reader.events.map((_, index) => index + 1));
    const stamps = reader.events.map(({ event }) => `${String(event['run'])}:${String(event['n'])}`);
    expect(new Set(stamps).size).toBe(stamps.length);
    expect(reader.messages.filter(({ type }) => type === 'gap')).toEqual([]);
    reader.close();
  });
});
