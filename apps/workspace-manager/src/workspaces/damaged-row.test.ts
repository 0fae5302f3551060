import { createWorkspaceDatabase, type WorkspaceDatabaseClient } from '@aileron/database/workspace';
import type { ListWorkspacesResponse } from '@aileron/contracts/workspace';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ManagerPlace } from '../testing/running-manager.fixture.js';
import { waitUntil } from '../testing/wait-until.fixture.js';

jest.setTimeout(240_000);

let place: ManagerPlace;
let client: WorkspaceDatabaseClient;

beforeEach(async () => {
  place = await ManagerPlace.make();
  client = createWorkspaceDatabase({ url: place.database.workspaceUrl });
});
afterEach(async () => {
  await client.prisma.$disconnect();
  await place.remove();
});

/** Two that run, the one that is looked at first before the other, and their manager has ended. */
async function twoThatRan(): Promise<[string, string]> {
  const manager = await place.start();
  const both = [await manager.running_('one'), await manager.running_('other')];
  await manager.close();
  const [first = '', second = ''] = both.map(({ workspaceId }): string => workspaceId).toSorted();
  return [first, second];
}

const set = (workspaceId: string, column: 'state' | 'provisioner', value: string) =>
  client.run({
    name: `set-${column}`,
    text: `UPDATE workspace.workspace SET ${column} = $1, due_at = '2026-01-01Z' WHERE workspace_id = $2`,
    values: [value, workspaceId],
  });

describe('a workspace whose state cannot be read', () => {
  it('is shown as damaged and left as it is, and the others are listed, watched, ticked and swept', async () => {
    const [damaged, sound] = await twoThatRan();
    await set(damaged, 'state', '{"version":99}');
    const manager = await place.start();
    const list = await manager.call('GET', '/api/v1/workspaces');
    expect(list).toMatchObject({ status: 200 });
    const { workspaces } = list.json as ListWorkspacesResponse;
    expect(workspaces.find(({ workspaceId }) => workspaceId === damaged)).toMatchObject({
      phase: 'failed',
      reason: 'What is stored of this workspace cannot be read.',
      attention: 'needs-attention',
      attentionReasons: ['failure'],
    });
    expect(await manager.call('POST', `/api/v1/workspaces/${damaged}/start`)).toMatchObject({ status: 500 });
    await manager.reached(sound, 'running');
    await place.provisioner.kill(sound, 'runtime');
    await waitUntil(() => place.provisioner.launches === 3);
    await manager.reached(sound, 'running');
    expect((await manager.call('POST', `/api/v1/workspaces/${sound}/stop`)).status).toBe(202);
    await manager.reached(sound, 'stopped');
    await place.provisioner.launchAlone(sound);
    await waitUntil(async () => (await place.provisioner.inspect(sound)).container === 'missing');
    expect(await place.provisioner.inspect(damaged)).toMatchObject({ container: 'running', volume: 'present' });
  });
});

describe('a workspace of a provisioner that this manager does not have', () => {
  it('keeps nobody from watching the others', async () => {
    const [foreign, watched] = await twoThatRan();
    await set(foreign, 'provisioner', 'docker');
    const manager = await place.start({ sweepEveryMs: 600_000 });
    const created = await manager.call('POST', '/api/v1/agent-sessions', {
      workspace: watched,
      agent: 'fake',
      message: '/say hello',
    });
    expect(created).toMatchObject({ status: 201 });
    const { agentSessionId } = created.json as { agentSessionId: string };
    // What an agent does is copied as long as its runtime is watched.
    await waitUntil(async () => {
      const { json } = await manager.call('GET', `/api/v1/agent-sessions/${agentSessionId}`);
      return (json as { state: string }).state === 'idle';
    });
  });
});
