import { z } from 'zod';

const id = (prefix: string) =>
  z
    .string()
    .max(64)
    .regex(new RegExp(`^${prefix}_[0-9A-Za-z_-]{1,60}$`), `must be an id that starts with ${prefix}_`);

export const WorkspaceId = id('wsp').brand<'WorkspaceId'>();
export type WorkspaceId = z.infer<typeof WorkspaceId>;
export const AgentSessionId = id('ags').brand<'AgentSessionId'>();
export type AgentSessionId = z.infer<typeof AgentSessionId>;
export const TerminalId = id('trm').brand<'TerminalId'>();
export type TerminalId = z.infer<typeof TerminalId>;
