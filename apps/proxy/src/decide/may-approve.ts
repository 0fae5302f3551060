import { type SessionInfo } from '../ports/data-plane.port.js';
import { type Approver } from '../sessions/trusted-keys.js';

/**
 * Whether a person may decide for a rule. `owner` is the user whose session it is, `any` everybody with a registered
 * device; anything else names a user id. A rule that names nobody is decided by the owner.
 */
export function mayApprove(input: { approvers: readonly string[]; session: SessionInfo; approver: Approver }): boolean {
  const { approvers, session, approver } = input;
  const named = approvers.length === 0 ? ['owner'] : approvers;
  return named.some((name) => {
    if (name === 'any') return true;
    return approver.userId === (name === 'owner' || name === 'user' ? session.user.id : name);
  });
}
