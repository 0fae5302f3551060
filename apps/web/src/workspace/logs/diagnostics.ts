import type { WorkspaceEventsView, WorkspaceView } from '@aileron/contracts/workspace';

/** Everything about how a workspace came to be as it is, to be pasted where somebody helps. */
export function diagnosticsOf(workspace: WorkspaceView, lines: WorkspaceEventsView['lines']): string {
  const { workspaceId, name, provisioner, phase, reason, generation, steps, conditions, updatedAt } = workspace;
  return [
    `workspace ${name} (${workspaceId}), ${provisioner}, generation ${generation}, ${updatedAt}`,
    `${phase}: ${reason}`,
    '',
    ...steps.map(
      (step) =>
        `${step.number}. ${step.title}: ${step.status} ${step.startedAt ?? ''}..${step.endedAt ?? ''} ${step.bytes ?? 0} B ${step.error ?? ''}`,
    ),
    '',
    ...conditions.map(
      (each) =>
        `${each.component}: ${each.status} ${each.reason} ${each.message} since ${each.since} attempt ${each.attempt}`,
    ),
    '',
    ...lines.map(({ at, step, text }) => `${at} ${step ?? '-'} ${text}`),
  ].join('\n');
}
