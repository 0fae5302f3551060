import type { WorkspaceView } from '@aileron/contracts/workspace';
import { table, visible } from '../output/output.js';

export const workspaceTable = (workspaces: readonly WorkspaceView[]): string[] =>
  workspaces.length === 0
    ? ['No workspaces. `aileron workspace create <name>` makes one.']
    : table(
        ['NAME', 'PHASE', 'ATTENTION', 'PROVISIONER', 'CREATED', 'WORKSPACE'],
        workspaces.map((one) => [
          one.name,
          one.phase,
          one.attentionReasons.join(', ') || one.attention,
          one.provisioner,
          one.createdAt,
          one.workspaceId,
        ]),
      );

/** Everything that is known of one. */
export function workspaceLines(workspace: WorkspaceView): string[] {
  const { firewall } = workspace;
  const domains = firewall.workspace_firewall_allowed_domains.join(', ') || 'none listed';
  const facts: readonly (readonly [string, string])[] = [
    ['workspace', workspace.workspaceId],
    ['name', workspace.name],
    ['phase', `${workspace.phase}: ${workspace.reason}`],
    ['attention', workspace.attentionReasons.join(', ') || workspace.attention],
    ['provisioner', workspace.provisioner],
    ['template', workspace.template ?? '-'],
    ['session', workspace.sessionId ?? '-'],
    [
      'network',
      firewall.workspace_firewall_network_access_enabled ? firewall.workspace_firewall_domain_access_mode : 'off',
    ],
    ['domains', domains],
    ['generation', String(workspace.generation)],
    ['created', `${workspace.createdAt} by ${workspace.createdBy}`],
  ];
  const conditions = workspace.conditions.map(({ component, status, message }) => [
    component,
    message === '' ? status : `${status}: ${message}`,
  ]);
  return [...facts, ...conditions].map(([name = '', value = '']) => `${name.padEnd(13)}${visible(value)}`);
}
