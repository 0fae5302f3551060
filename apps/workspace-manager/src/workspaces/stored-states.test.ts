import { openWorkspace } from '@aileron/lifecycle';
import { describe, expect, it } from '@jest/globals';
import { useWorkspaceDatabase } from '../testing/workspace-database.fixture.js';
import { StoredStates } from './stored-states.js';
import { WorkspacesRepository } from './workspaces.repository.js';

const opened = (workspaceId: string, now = 1_000) =>
  openWorkspace({ workspaceId, browser: false, canvas: false }, now).state;
const idOf = (number: number): string => `wsp_${String(number).padStart(22, '0')}`;

describe('stored states', () => {
  const id = idOf(1);
  const text = JSON.stringify(opened(id));

  it('are the same as long as their text is', () => {
    const states = new StoredStates();
    const first = states.read(id, text);
    expect(first).toEqual(opened(id));
    expect(states.read(id, text)).toBe(first);
    const later = JSON.stringify(opened(id, 2_000));
    expect(states.read(id, later)).toEqual(opened(id, 2_000));
    expect(states.read(id, text)).toEqual(first);
  });

  it('are refused each time when they are damaged', () => {
    const states = new StoredStates();
    states.read(id, text);
    for (const damaged of ['{', '{"version":99}', text.replace('"creating"', '"stopped"')]) {
      for (const _ of [1, 2]) expect(() => states.read(id, damaged)).toThrow();
    }
    expect(states.read(id, text)).toEqual(opened(id));
  });

  it('are not kept without a bound', () => {
    const states = new StoredStates();
    const [first, second] = [states.read(id, text), states.read(idOf(2), JSON.stringify(opened(idOf(2))))];
    for (let number = 3; number <= 2_001; number += 1) {
      states.read(idOf(number), JSON.stringify(opened(idOf(number))));
      if (number === 1_500) states.read(id, text);
    }
    expect(states.read(id, text)).toBe(first);
    expect(states.read(idOf(2), JSON.stringify(second))).not.toBe(second);
  });
});

describe('the states for the sweep', () => {
  const database = useWorkspaceDatabase();

  it('are all there, however many pages they fill, beside those that are damaged', async () => {
    const tenant = { tenantId: 'ten_local', name: 'local' };
    const { prisma } = database();
    const workspaces = new WorkspacesRepository({ tenant }, { now: () => 1_000 }, { prisma });
    const ids = Array.from({ length: 101 }, (_, number) => idOf(number));
    await prisma.workspace.createMany({
      data: ids.map((workspaceId, number) => ({
        tenantId: tenant.tenantId,
        workspaceId,
        name: workspaceId,
        provisioner: number === 100 ? 'docker' : 'local',
        state: number === 49 ? {} : opened(workspaceId),
        phase: 'creating',
        containerLaunch: number,
        firewall: {},
        createdBy: 'usr_local',
        createdAt: new Date(1_000),
        updatedAt: new Date(1_000),
      })),
    });
    const { stored, damaged } = await workspaces.listStates('local');
    expect(damaged).toEqual([idOf(49)]);
    const expected = ids.slice(0, 100).flatMap((workspaceId, number) => (number === 49 ? [] : [[workspaceId, number]]));
    expect(stored.map(({ state, containerLaunch }) => [state.workspaceId, containerLaunch])).toEqual(expected);
  });
});
