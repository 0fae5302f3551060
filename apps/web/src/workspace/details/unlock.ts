import { UserFile, VaultFiles } from '@aileron/contracts/rest';
import type { SessionView } from '@aileron/contracts/rest';
import {
  type DsseEnvelope,
  fromBase64,
  importVerifyingKey,
  sealLease,
  Secret,
  toBase64,
  UnlockedVault,
  unlockUser,
  type UserKeys,
} from '@aileron/vault';
import type { Me } from '../../api/me.js';
import { deliverLease, listVaults, readServiceKey, readUserFile, readVaultFiles } from '../../api/vaults.js';
import { browserKey } from '../../device/browser-key.js';

/** Exactly the bytes of a base64 text; empty for what is none. */
const bytesOf = (base64: string): Uint8Array => fromBase64(base64) ?? new Uint8Array();

/**
 * Opens the person's vaults here with the passphrase and seals their keys, for this one session, to credential-service.
 * The passphrase and the keys never leave the page: what is sent can be read by credential-service alone.
 * @throws AileronError PASSPHRASE_WRONG, VAULT_TAMPERED, SIGNATURE_INVALID; ProblemError
 */
export async function unlockSession(me: Me, session: SessionView, passphrase: string): Promise<void> {
  const secret = Secret.fromString(passphrase);
  try {
    const file: UserFile = await readUserFile(me.userId);
    const keys = await unlockUser({ file: bytesOf(file.contentBase64), passphrase: secret });
    await seal(me, session, keys);
  } finally {
    secret.zero();
  }
}

async function seal(me: Me, session: SessionView, keys: UserKeys): Promise<void> {
  const device = await browserKey();
  const vaults = await openVaults(keys);
  try {
    const sealed = await sealLease({
      serviceKeyEnvelope: (await readServiceKey()) as DsseEnvelope,
      pinned: await Promise.all(me.serviceKeys.map((key) => importVerifyingKey(key))),
      device: device.signing,
      endorsement: device.endorsement,
      lease: {
        tenantId: me.tenantId,
        userId: me.userId,
        sessionId: session.sessionId,
        issuedAt: new Date(),
        expiresAt: new Date(session.expiresAt),
        memberPublicKey: keys.storedVerifying,
        vaults,
      },
    });
    await deliverLease(session.sessionId, toBase64(sealed));
  } finally {
    for (const { vaultKey } of vaults) vaultKey.zero();
  }
}

async function openVaults(keys: UserKeys) {
  const { vaults } = await listVaults();
  return Promise.all(
    vaults.map(async ({ vaultId }) => {
      const { files }: VaultFiles = await readVaultFiles(vaultId);
      const vault = await UnlockedVault.open({
        vaultId,
        files: new Map(files.map(({ path, contentBase64 }) => [path, bytesOf(contentBase64)])),
        userId: keys.userId,
        keys,
        trusted: [keys.verifying],
      });
      return { vaultId, vaultKey: vault.exportVaultKey(), manifestVersion: vault.manifest.version };
    }),
  );
}
