import { z } from 'zod';

/** What an agent does, as its protocol says it. The last three are final. */
export const AGENT_STATES = [
  'starting',
  'idle',
  'working',
  'waiting-approval',
  'waiting-input',
  'failed',
  'ended',
  'context-lost',
] as const;
export const AgentState = z.enum(AGENT_STATES);
export type AgentState = z.infer<typeof AgentState>;

export type FinalAgentState = Extract<AgentState, 'failed' | 'ended' | 'context-lost'>;

export function isFinalState(state: AgentState): state is FinalAgentState {
  return state === 'failed' || state === 'ended' || state === 'context-lost';
}
