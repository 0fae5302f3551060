import { z } from 'zod';
import { AgentSessionId, TerminalId, WorkspaceId } from './ids.js';
import { RestartableComponent } from './workspaces.js';

export const ofWorkspace = z.strictObject({ workspaceId: WorkspaceId });
export const ofComponent = z.strictObject({ workspaceId: WorkspaceId, component: RestartableComponent });
export const ofTerminal = z.strictObject({ workspaceId: WorkspaceId, terminalId: TerminalId });
export const ofAgentSession = z.strictObject({ agentSessionId: AgentSessionId });

/** Of what needs the workspace's runtime or terminal to run. */
export const INSIDE_ERRORS = ['NOT_FOUND', 'PRECONDITION_FAILED'] as const;
