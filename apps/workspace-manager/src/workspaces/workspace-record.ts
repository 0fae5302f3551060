import type { AgentState, FirewallSettings, Provisioner } from '@aileron/contracts/workspace';
import type { WorkspaceState } from '@aileron/lifecycle';

/** A workspace as it is stored, with what its view tells of its session and its agents. */
export interface WorkspaceRecord {
  readonly workspaceId: string;
  readonly name: string;
  readonly provisioner: Provisioner;
  readonly template: string | null;
  readonly image: string | null;
  readonly state: WorkspaceState;
  /** The launch that the provisioner knows: a runtime that is restarted alone has another in `state`. */
  readonly containerLaunch: number;
  readonly firewall: FirewallSettings;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** The execution-plane session of the present launch. */
  readonly session: { readonly sessionId: string; readonly locked: boolean } | null;
  /** Of the agents that nobody ended. */
  readonly agentStates: readonly AgentState[];
}

/** The stream that page and API read of a workspace. */
export const workspaceStream = (workspaceId: string): string => `workspace/${workspaceId}`;
