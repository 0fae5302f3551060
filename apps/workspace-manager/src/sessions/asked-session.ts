/** A session that was asked for, and of which nobody knows yet whether it began. */
export interface AskedSession {
  readonly agent: string;
  /** Asking again under it finds the session that began, if one did. */
  readonly requestId: string;
}

const PREFIX = 'asked:';

/** What is stored in the place of its id until that is known; no id of a session begins like this. */
export const askedSessionId = ({ agent, requestId }: AskedSession): string => `${PREFIX}${requestId}:${agent}`;

/** Null for the id of a session that is known to have begun. */
export function readAskedSession(sessionId: string): AskedSession | null {
  if (!sessionId.startsWith(PREFIX)) return null;
  const [requestId = '', ...agent] = sessionId.slice(PREFIX.length).split(':');
  return { requestId, agent: agent.join(':') };
}
