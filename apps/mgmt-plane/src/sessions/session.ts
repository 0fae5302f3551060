import type { SessionState } from '@aileron/contracts/rest';

/** A row of the session table. */
export interface SessionRow {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly userName: string;
  readonly agent: string;
  readonly workspace: string | null;
  readonly project: string | null;
  readonly agentTokenSha256: Uint8Array;
  readonly state: SessionState;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly proxyId: string | null;
  readonly caCertificatePem: string | null;
  readonly runtimeDirectory: string | null;
  readonly failureCode: string | null;
  /** Until when credential-service was given keys; null while it has none. A hint: credential-service decides. */
  readonly unlockedUntil: Date | null;
  /** When the keys were last taken back. */
  readonly lockedAt: Date | null;
  /** What it may reach, see readFirewall; null when it is not bounded so. */
  readonly firewall: string | null;
  /** Of the workspace manager, which made it; null for a session that a person started. */
  readonly requestId: string | null;
}

/** Why a session ended. */
export type EndReason = 'requested' | 'expired' | 'start-timeout' | 'start-failed';
