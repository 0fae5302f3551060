import type { WorkspaceView } from '@aileron/contracts/workspace';
import { describe, expect, it } from '@jest/globals';
import { applyListChange, countAttention, filterWorkspaces } from './list-change.js';

const workspace = (id: string, part: Partial<WorkspaceView> = {}) =>
  ({
    workspaceId: `wsp_${id}`,
    name: id,
    template: null,
    provisioner: 'local',
    attention: 'idle',
    generation: 1,
    ...part,
  }) as WorkspaceView;
const changed = (view: WorkspaceView) => ({ type: 'changed', workspaceId: view.workspaceId, workspace: view }) as const;

describe('the list of workspaces', () => {
  it('takes in what is new, changed and removed, and nothing older than what it has', () => {
    const list = [workspace('a', { generation: 5 }), workspace('b')];
    expect(applyListChange(list, changed(workspace('c'))).map(({ name }) => name)).toEqual(['c', 'a', 'b']);
    expect(applyListChange(list, changed(workspace('b', { attention: 'running' })))[1]?.attention).toBe('running');
    expect(applyListChange(list, changed(workspace('a', { generation: 4, name: 'old' })))).toBe(list);
    expect(applyListChange(list, { type: 'changed', workspaceId: list[0]!.workspaceId, workspace: null })).toEqual([
      list[1],
    ]);
  });

  it('counts and filters by state and by every word', () => {
    const list = [
      workspace('fix-login', { attention: 'needs-attention' }),
      workspace('docs', { template: 'node' }),
      workspace('fix-docs'),
    ];
    expect(countAttention(list)).toEqual({ running: 0, idle: 2, 'needs-attention': 1 });
    const names = (search: string, attention: Parameters<typeof filterWorkspaces>[1]['attention'] = 'all') =>
      filterWorkspaces(list, { search, attention }).map(({ name }) => name);
    expect(names('FIX')).toEqual(['fix-login', 'fix-docs']);
    expect(names('node docs')).toEqual(['docs']);
    expect(names('fix', 'idle')).toEqual(['fix-docs']);
  });
});
