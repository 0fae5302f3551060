import type { Attention, WorkspaceListChange, WorkspaceView } from '@aileron/contracts/workspace';

type Changed = Extract<WorkspaceListChange, { type: 'changed' }>;

/** The list after one change; what is older than what is known changes nothing. */
export function applyListChange(list: readonly WorkspaceView[], change: Changed): readonly WorkspaceView[] {
  const { workspaceId, workspace } = change;
  if (workspace === null) return list.filter((each) => each.workspaceId !== workspaceId);
  const known = list.findIndex((each) => each.workspaceId === workspaceId);
  if (known === -1) return [workspace, ...list];
  return (list[known]?.generation ?? 0) > workspace.generation ? list : list.with(known, workspace);
}

/** How many are in each of the three states. */
export function countAttention(list: readonly WorkspaceView[]): Readonly<Record<Attention, number>> {
  const counts = { running: 0, idle: 0, 'needs-attention': 0 };
  for (const { attention } of list) counts[attention] += 1;
  return counts;
}

/** Those whose name, template or provisioner has every word of the search. */
export function filterWorkspaces(
  list: readonly WorkspaceView[],
  filter: { readonly search: string; readonly attention: Attention | 'all' },
): readonly WorkspaceView[] {
  const words = filter.search.toLowerCase().split(/\s+/u).filter(Boolean);
  return list.filter(({ name, template, provisioner, attention }) => {
    if (filter.attention !== 'all' && filter.attention !== attention) return false;
    const text = `${name} ${template ?? ''} ${provisioner}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
