import { type AuthorityStore } from '../ports/authority-store.port.js';
import { type SessionInfo } from '../ports/data-plane.port.js';
import { type AuthorityParts, SessionAuthority } from './session-authority.js';

const CALL_DEADLINE_MS = 5_000;

export interface OpenAuthorityInput {
  readonly info: SessionInfo;
  readonly proxyId: string;
  readonly now: number;
  readonly parts: AuthorityParts;
}

/**
 * The authority of a session that this proxy begins to serve: a new one when nobody made one; else the one there is,
 * opened at first need. One that this proxy made itself before it was restarted, and never shared, is lost: it is made
 * anew, which the management plane allows to nobody else.
 */
export async function openAuthority({ info, proxyId, now, parts }: OpenAuthorityInput): Promise<SessionAuthority> {
  const { tenantId, sessionId, caCertificatePem, preparedBy, expiresAt } = info;
  const owner = { tenantId, sessionId };
  const lost = preparedBy === proxyId && !(await isStored(parts.store, owner));
  if (caCertificatePem !== null && !lost) return SessionAuthority.shared(owner, parts, caCertificatePem);
  const ttlSeconds = Math.ceil((expiresAt - now) / 1_000);
  return await SessionAuthority.create(owner, { ...parts, now: new Date(now), ttlSeconds });
}

async function isStored(store: AuthorityStore, owner: { tenantId: string; sessionId: string }): Promise<boolean> {
  return (await store.find({ ...owner, signal: AbortSignal.timeout(CALL_DEADLINE_MS) })) !== null;
}
