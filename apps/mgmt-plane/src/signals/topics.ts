/** What waiters subscribe to. */
export const SESSIONS = 'sessions';
export const BUNDLES = 'bundles';
/** Files of some vault were replaced. */
export const VAULTS = 'vaults';
export const APPROVALS = 'approvals';
export const sessionTopic = (sessionId: string) => `session:${sessionId}`;
export const approvalTopic = (approvalId: string) => `approval:${approvalId}`;
