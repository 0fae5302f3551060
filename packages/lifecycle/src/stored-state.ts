import { AileronError } from '@aileron/errors';
import { STATE_VERSION, WorkspaceState } from './workspace-state.js';

/**
 * A stored state as it was stored, from its JSON value. Refuses a version that this code does not know and a state that
 * no transition leads to: INTERNAL, the cause says where. A version that gets a successor gets its step up here.
 */
export function parseWorkspaceState(value: unknown): WorkspaceState {
  const version: unknown =
    typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (version !== STATE_VERSION) {
    const cause = new TypeError(`a workspace state of version ${typeof version === 'number' ? version : 'none'}`);
    throw new AileronError('INTERNAL', { reason: 'state-version' }, { cause });
  }
  const parsed = WorkspaceState.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AileronError('INTERNAL', { reason: 'state-damaged' }, { cause: parsed.error });
}
