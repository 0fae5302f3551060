import { afterEach, describe, expect, it } from '@jest/globals';
import { WorkspaceId } from '@aileron/contracts/workspace';
import { findWorkspace } from './find-workspace.js';
import { PlayedManager, playedWorkspace } from './played-manager.fixture.js';
import { workspaceLines, workspaceTable } from './workspace-lines.js';

let manager: PlayedManager;
afterEach(() => manager.close());

const named = (name: string, id: string) => playedWorkspace({ name, workspaceId: WorkspaceId.parse(id) });

describe('a workspace by its name', () => {
  it('is the one that is called exactly so', async () => {
    manager = await PlayedManager.start({ listed: [named('one-more', 'wsp_2'), named('one', 'wsp_1')] });
    expect(await findWorkspace(manager.client, 'one')).toMatchObject({ workspaceId: 'wsp_1' });
    await expect(findWorkspace(manager.client, 'on')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is asked for by id where several are called so', async () => {
    manager = await PlayedManager.start({ listed: [named('one', 'wsp_1'), named('one', 'wsp_2')] });
    const details = { ids: ['wsp_1', 'wsp_2'] };
    await expect(findWorkspace(manager.client, 'one')).rejects.toMatchObject({ code: 'CONFLICT', details });
  });
});

describe('workspaces for people', () => {
  it('are a table, and one is its facts, with nothing that a terminal would act on', () => {
    const odd = playedWorkspace({ reason: 'bad \u001b[31mcolour', attentionReasons: ['locked'] });
    expect(workspaceTable([odd])[1]).toMatch(/^one {3}creating {2}locked {5}local/);
    expect(workspaceLines(odd).find((line) => line.startsWith('phase'))).toBe(
      'phase        creating: bad \\u{1b}[31mcolour',
    );
    expect(workspaceTable([])).toEqual(['No workspaces. `aileron workspace create <name>` makes one.']);
  });
});
