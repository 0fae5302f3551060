import { LOCAL_TENANT_ID, LOCAL_USER_ID, type SessionView } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import {
  importSigningKey,
  importVerifyingKey,
  sealLease,
  type DsseEnvelope,
  type Secret,
  type UserKeys,
} from '@aileron/vault';
import type { LocalApi } from '../api/local-api.js';
import { ensureSigningKey, TrustFile } from '../home/home-keys.js';
import type { Home } from '../home/home.js';
import { readJsonFile } from '../home/private-file.js';
import { openVaults, unlockLocalUser } from './open-vault.js';

export interface LeaseInput {
  readonly api: LocalApi;
  readonly home: Home;
  readonly keys: UserKeys;
  readonly session: Pick<SessionView, 'sessionId' | 'expiresAt'>;
  readonly now: Date;
}

/**
 * Seals a lease — the vault keys this session needs, never the passphrase — to credential-service's key of this boot,
 * and hands it to the management plane, which cannot open it. The service key is the one this home pinned.
 */
export async function deliverLease({ api, home, keys, session, now }: LeaseInput): Promise<void> {
  const trust = readJsonFile(home.trustFile, TrustFile);
  if (!trust) throw new AileronError('NOT_FOUND', { file: home.trustFile });
  const vaults = await openVaults(api, keys);
  const sealed = await sealLease({
    serviceKeyEnvelope: (await api.serviceKey()) as DsseEnvelope,
    pinned: await Promise.all(trust.serviceKeys.map(importVerifyingKey)),
    device: await importSigningKey(await ensureSigningKey(home, 'device')),
    lease: {
      tenantId: LOCAL_TENANT_ID,
      userId: LOCAL_USER_ID,
      sessionId: session.sessionId,
      issuedAt: now,
      expiresAt: new Date(session.expiresAt),
      memberPublicKey: keys.storedVerifying,
      vaults: vaults.map(({ vaultId, vault }) => ({
        vaultId,
        vaultKey: vault.exportVaultKey(),
        manifestVersion: vault.manifest.version,
      })),
    },
  });
  await api.deliverLease(session.sessionId, Buffer.from(sealed).toString('base64'));
}

/** Gives every live session, or one, its keys again. Returns the ids of those that were locked. */
export async function unlockSessions(i: {
  api: LocalApi;
  home: Home;
  passphrase: Secret;
  sessionId?: string;
  now: Date;
}): Promise<string[]> {
  const keys = await unlockLocalUser(i.api, i.passphrase);
  const sessions =
    i.sessionId === undefined
      ? (await i.api.listSessions({ state: 'active', limit: 500 })).sessions
      : [await i.api.getSession(i.sessionId)];
  const locked = sessions.filter((session) => session.locked);
  for (const session of locked) await deliverLease({ api: i.api, home: i.home, keys, session, now: i.now });
  return locked.map((session) => session.sessionId);
}

/** Makes credential-service forget the keys of every live session. */
export async function lockSessions(api: LocalApi): Promise<string[]> {
  const { sessions } = await api.listSessions({ state: 'active', limit: 500 });
  const unlocked = sessions.filter((session) => !session.locked);
  for (const session of unlocked) await api.revokeLease(session.sessionId);
  return unlocked.map((session) => session.sessionId);
}
