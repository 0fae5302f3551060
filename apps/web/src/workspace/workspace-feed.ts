import { WorkspaceEvent, WorkspaceEventsView } from '@aileron/contracts/workspace';
import { NumberedFeed } from '@aileron/live-stream';

const MOST_LINES = 1_000;

/** The stream of one workspace: what it is, and what its steps print. */
export const workspaceFeed = (): NumberedFeed<WorkspaceEventsView, WorkspaceEvent, WorkspaceEventsView> =>
  new NumberedFeed<WorkspaceEventsView, WorkspaceEvent, WorkspaceEventsView>(
    { empty: { workspace: null, lines: [] }, apply: applyWorkspaceEvent, replace: (snapshot) => snapshot },
    WorkspaceEvent,
    WorkspaceEventsView,
  );

export function applyWorkspaceEvent(view: WorkspaceEventsView, event: WorkspaceEvent): WorkspaceEventsView {
  if (event.type === 'changed') return { ...view, workspace: event.workspace };
  const { at, step, text } = event;
  return { ...view, lines: [...view.lines, { at, step, text }].slice(-MOST_LINES) };
}
