import { type SessionInfo } from '../ports/data-plane.port.js';

const known = new WeakMap<SessionInfo, ReturnType<typeof partOf>>();

/** The session's part of every record. */
export function whoOf(session: SessionInfo) {
  let who = known.get(session);
  if (who === undefined) known.set(session, (who = partOf(session)));
  return who;
}

function partOf({ sessionId, user, agent, workspace, project }: SessionInfo) {
  return {
    sessionId,
    user,
    agent,
    ...(workspace !== null && { workspace }),
    ...(project !== null && { project }),
  };
}
