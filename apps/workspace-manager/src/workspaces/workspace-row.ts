import { AgentState, FirewallSettings, Provisioner } from '@aileron/contracts/workspace';
import { openWorkspace, type WorkspaceState } from '@aileron/lifecycle';
import type { StoredStates } from './stored-states.js';
import type { WorkspaceRecord } from './workspace-record.js';

/** A row of RECORD_SQL. */
export interface RecordRow {
  readonly workspace_id: string;
  readonly name: string;
  readonly provisioner: string;
  readonly template: string | null;
  readonly image: string | null;
  /** JSON. */
  readonly state: string;
  readonly container_launch: number;
  readonly firewall: unknown;
  readonly created_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly session_id: string | null;
  readonly locked: boolean | null;
  readonly agent_states: readonly string[];
}

/** What a WorkspaceRecord is made of; `w` is the workspace. */
export const RECORD_SQL = `
  SELECT w.workspace_id, w.name, w.provisioner, w.template, w.image, w.state::text AS state, w.container_launch, w.firewall, w.created_by, w.created_at,
    w.updated_at, s.session_id, s.locked,
    ARRAY(SELECT DISTINCT a.state FROM workspace.agent_session a
      WHERE a.tenant_id = w.tenant_id AND a.workspace_id = w.workspace_id AND NOT a.ended) AS agent_states
  FROM workspace.workspace w LEFT JOIN LATERAL (
    SELECT e.session_id, e.locked FROM workspace.execution_session e
    WHERE e.tenant_id = w.tenant_id AND e.workspace_id = w.workspace_id AND e.launch = w.container_launch
      AND NOT starts_with(e.session_id, 'asked:')
    ORDER BY e.created_at DESC LIMIT 1
  ) s ON true`;

/** What the database itself keeps right. */
const columnsOf = (row: RecordRow) => ({
  workspaceId: row.workspace_id,
  name: row.name,
  provisioner: Provisioner.parse(row.provisioner),
  template: row.template,
  image: row.image,
  containerLaunch: row.container_launch,
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** @throws AileronError INTERNAL, a ZodError: what is stored cannot be read */
export function toRecord(row: RecordRow, states: StoredStates): WorkspaceRecord {
  return {
    ...columnsOf(row),
    state: states.read(row.workspace_id, row.state),
    firewall: FirewallSettings.parse(row.firewall),
    session: row.session_id === null ? null : { sessionId: row.session_id, locked: row.locked !== false },
    agentStates: row.agent_states.map((state) => AgentState.parse(state)),
  };
}

/** Null for a row that cannot be read. */
export function readRecord(row: RecordRow, states: StoredStates): WorkspaceRecord | null {
  try {
    return toRecord(row, states);
  } catch {
    return null;
  }
}

/** Null for a state that cannot be read. */
export function readState(
  { workspace_id, state }: Pick<RecordRow, 'workspace_id' | 'state'>,
  states: StoredStates,
): WorkspaceState | null {
  try {
    return states.read(workspace_id, state);
  } catch {
    return null;
  }
}

/** Nothing may be reached. */
export const CLOSED_FIREWALL: FirewallSettings = {
  workspace_firewall_network_access_enabled: false,
  workspace_firewall_domain_access_mode: 'deny',
  workspace_firewall_allowed_domains: [],
  browser_firewall_network_access_enabled: false,
  browser_firewall_domain_access_mode: 'deny',
  browser_firewall_allowed_domains: [],
};

/** What is shown of a row that cannot be read. It is for showing alone: whoever would do something with it is refused. */
export function damagedRecord(row: RecordRow): WorkspaceRecord {
  const { state } = openWorkspace(
    { workspaceId: row.workspace_id, browser: false, canvas: false },
    row.created_at.getTime(),
  );
  const damaged = { phase: 'failed', reason: 'state-damaged', operation: null, steps: null } as const;
  return {
    ...columnsOf(row),
    state: { ...state, ...damaged, message: 'What is stored of this workspace cannot be read.' },
    firewall: FirewallSettings.safeParse(row.firewall).data ?? CLOSED_FIREWALL,
    session: null,
    agentStates: [],
  };
}
