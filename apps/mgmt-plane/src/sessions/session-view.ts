import { SessionId, type SessionView, UserId } from '@aileron/contracts/rest';
import type { SessionRow } from './session.js';

export function sessionView(session: SessionRow, locked: boolean): SessionView {
  return {
    sessionId: SessionId.parse(session.sessionId),
    userId: UserId.parse(session.userId),
    agent: session.agent,
    workspace: session.workspace,
    project: session.project,
    state: session.state,
    locked,
    createdAt: session.createdAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
    endedAt: session.endedAt?.toISOString() ?? null,
  };
}
