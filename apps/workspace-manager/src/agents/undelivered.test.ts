import { randomUUID } from 'node:crypto';
import { createWorkspaceDatabase, type WorkspaceDatabaseClient } from '@aileron/database/workspace';
import type { AgentSessionView, WorkspaceView } from '@aileron/contracts/workspace';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ManagerPlace, type RunningManager } from '../testing/running-manager.fixture.js';
import { StreamReader } from '../testing/stream-reader.fixture.js';
import { waitUntil } from '../testing/wait-until.fixture.js';
import { AgentSessionsRepository } from './agent-sessions.repository.js';

jest.setTimeout(240_000);

const LONG = '/wait 3600000';
const MOST_QUEUED = 32;

let place: ManagerPlace;
let manager: RunningManager;
let workspace: WorkspaceView;
let client: WorkspaceDatabaseClient;

beforeAll(async () => {
  place = await ManagerPlace.make();
  client = createWorkspaceDatabase({ url: place.database.workspaceUrl });
  manager = await place.start();
  workspace = await manager.running_('agents');
});
afterAll(async () => {
  await client.prisma.$disconnect();
  await place.remove();
});

async function begin(message?: string): Promise<string> {
  const body = { workspace: workspace.workspaceId, agent: 'fake', ...(message !== undefined && { message }) };
  const { status, json, text } = await manager.call('POST', '/api/v1/agent-sessions', body);
  if (status !== 201) throw new Error(`${status}: ${text}`);
  return (json as AgentSessionView).agentSessionId;
}

const stateOf = async (agentSessionId: string) =>
  ((await manager.call('GET', `/api/v1/agent-sessions/${agentSessionId}`)).json as AgentSessionView).state;
const inState = (agentSessionId: string, state: AgentSessionView['state']) =>
  waitUntil(async () => (await stateOf(agentSessionId)) === state);
const send = (agentSessionId: string, text: string, messageId: string = randomUUID()) =>
  manager.call('POST', `/api/v1/agent-sessions/${agentSessionId}/messages`, { messageId, text });
const stored = async (agentSessionId: string) =>
  await client.prisma.agentMessage.findMany({ where: { agentSessionId }, orderBy: { createdAt: 'asc' } });

/** As a manager leaves it that died after it had accepted the message. */
const accept = (agentSessionId: string, text: string) =>
  client.prisma.agentMessage.create({
    data: {
      tenantId: 'ten_local',
      agentSessionId,
      messageId: randomUUID(),
      text,
      state: 'accepted',
      createdAt: new Date(),
    },
  });

describe('a message that the runtime does not take', () => {
  it('is refused with its reason and not kept, when too many wait', async () => {
    const busy = await begin(LONG);
    await inState(busy, 'working');
    for (let waiting = 0; waiting < MOST_QUEUED; waiting += 1) expect((await send(busy, 'wait')).status).toBe(202);
    const messageId = randomUUID();
    expect(await send(busy, 'too many', messageId)).toMatchObject({ status: 429 });
    expect((await stored(busy)).filter(({ state }) => state === 'accepted')).toEqual([]);
    expect((await stored(busy)).some((message) => message.messageId === messageId)).toBe(false);
    await manager.call('POST', `/api/v1/agent-sessions/${busy}/end`);
  });

  it('keeps no other agent from what waits for it', async () => {
    const [stuck, other] = [await begin('/say one'), await begin('/say two')];
    await inState(stuck, 'idle');
    await inState(other, 'idle');
    await accept(stuck, '   ');
    await accept(other, '/say three');
    await waitUntil(async () => (await stored(other)).every(({ state }) => state === 'sent'));
    await waitUntil(async () => (await stored(stuck)).every(({ state }) => state === 'sent'));
    expect((await stored(stuck)).map(({ text }) => text)).toEqual(['/say one']);
  });
});

describe('a message that waits', () => {
  it('is not taken for sent when its agent ends', async () => {
    const busy = await begin(LONG);
    await inState(busy, 'working');
    expect((await send(busy, 'never said')).json).toMatchObject({ state: 'queued' });
    const reader = StreamReader.overWebSocket(`${manager.url}/api/v1/agent-sessions/${busy}/events`);
    await manager.call('POST', `/api/v1/agent-sessions/${busy}/end`);
    await reader.until(() => reader.events.some(({ event }) => event['type'] === 'unqueued'));
    await reader.until(() => reader.events.some(({ event }) => event['state'] === 'ended'));
    reader.close();
    expect((await stored(busy)).map(({ state }) => state)).toEqual(['sent', 'queued']);
  });

  it('stays sent when the answer that it was queued comes late', async () => {
    const agents = manager.running.service('workspace-manager').context.get(AgentSessionsRepository, { strict: false });
    const agentSessionId = await begin();
    const { messageId } = await accept(agentSessionId, '/say late');
    await agents.setSent(agentSessionId, [messageId]);
    await agents.setQueued(agentSessionId, messageId);
    expect((await stored(agentSessionId)).map(({ state }) => state)).toEqual(['sent']);
  });
});

describe('an agent that is ended while its runtime cannot be told', () => {
  it('is ended, and stays so when its runtime is back', async () => {
    const [ended, other] = [await begin('/say one'), await begin('/say two')];
    await inState(ended, 'idle');
    await inState(other, 'idle');
    await place.provisioner.kill(workspace.workspaceId, 'runtime');
    expect(await manager.call('POST', `/api/v1/agent-sessions/${ended}/end`)).toMatchObject({ status: 202 });
    expect(await stateOf(ended)).toBe('ended');
    await waitUntil(() => place.provisioner.launches === 2);
    await manager.reached(workspace.workspaceId, 'running');
    await waitUntil(async () => (await send(other, '/say back')).status === 202);
    const told = async () => (await stored(other)).map(({ state }) => state);
    await waitUntil(async () => (await told()).every((state) => state === 'sent'));
    expect(await stateOf(ended)).toBe('ended');
    expect(await send(ended, 'more')).toMatchObject({ status: 409 });
  });
});
