import { type SessionInfo } from '../ports/data-plane.port.js';

/** The session's part of every record. */
export function whoOf({ sessionId, user, agent, workspace, project }: SessionInfo) {
  return {
    sessionId,
    user,
    agent,
    ...(workspace !== null && { workspace }),
    ...(project !== null && { project }),
  };
}
