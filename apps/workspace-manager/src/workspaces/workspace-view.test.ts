import { openWorkspace } from '@aileron/lifecycle';
import { describe, expect, it } from '@jest/globals';
import { useWorkspaceDatabase } from '../testing/workspace-database.fixture.js';
import type { WorkspaceRecord } from './workspace-record.js';
import { CLOSED_FIREWALL } from './workspace-row.js';
import { viewOf } from './workspace-view.js';
import { WorkspacesRepository } from './workspaces.repository.js';

const NOW = 1_700_000_000_000;
const workspaceId = `wsp_${'0'.repeat(22)}`;
const record: WorkspaceRecord = {
  workspaceId,
  name: 'one',
  provisioner: 'local',
  template: null,
  image: null,
  state: openWorkspace({ workspaceId, browser: true, canvas: true }, NOW).state,
  containerLaunch: 0,
  firewall: CLOSED_FIREWALL,
  createdBy: 'usr_local',
  createdAt: new Date(NOW),
  updatedAt: new Date(NOW),
  session: null,
  agentStates: [],
};
const turned = ({ state }: WorkspaceRecord): WorkspaceRecord['state'] => ({
  ...state,
  conditions: Object.fromEntries(Object.entries(state.conditions).toReversed()),
});

describe('the view of a workspace', () => {
  const database = useWorkspaceDatabase();

  it('has its conditions in one order, however its state was made or stored', () => {
    const view = viewOf(record);
    expect(view.conditions.map(({ component }) => component)).toEqual([
      'runtime',
      'terminal',
      'browser',
      'canvas',
      'volume',
      'policy',
    ]);
    expect(viewOf({ ...record, state: turned(record) })).toEqual(view);
  });

  it('is told when something of it has changed, and not when nothing has', async () => {
    const { prisma } = database();
    const now = NOW + 60_000;
    const workspaces = new WorkspacesRepository(
      { tenant: { tenantId: 'ten_local', name: 'local' } },
      { now: () => now },
      { prisma },
    );
    await workspaces.insert(record, [], 'epoch');
    const lines = () =>
      prisma.eventEntry.count({ where: { tenantId: 'ten_local', stream: `workspace/${workspaceId}` } });
    expect(await lines()).toBe(1);
    const same = await workspaces.change(workspaceId, (before) => ({ state: turned(before) }));
    expect([await lines(), same.updatedAt]).toEqual([1, new Date(NOW)]);
    const renamed = await workspaces.change(workspaceId, () => ({ name: 'other' }));
    expect([await lines(), renamed.updatedAt]).toEqual([2, new Date(now)]);
    expect(viewOf((await workspaces.find(workspaceId)) ?? record)).toEqual(viewOf(renamed));
  });
});
