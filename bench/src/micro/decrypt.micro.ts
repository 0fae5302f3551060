import { randomBytes } from 'node:crypto';
import { createUser, createVault, Secret, UnlockedVault, VerifiedVault } from '@aileron/vault';
import type { MicroFigure } from './micro-figure.js';
import { timeEach } from './time-each.js';

/** One credential opened for one use, as credential-service does for every request. */
export async function measureDecrypt(count: number): Promise<MicroFigure[]> {
  const kdf = { algorithm: 'argon2id', memoryKiB: 19_456, iterations: 2, parallelism: 1 } as const;
  const passphrase = Secret.fromString(randomBytes(24).toString('base64url'));
  const { keys } = await createUser({ userId: 'usr_bench', name: 'bench', passphrase, kdf });
  const vaultId = `vlt_${randomBytes(12).toString('hex')}`;
  const empty = await createVault({ vaultId, name: 'bench', type: 'personal', owner: keys, now: new Date() });
  const open = { vaultId, userId: 'usr_bench', keys, trusted: [keys.verifying] };
  const vault = await UnlockedVault.open({ ...open, files: empty });
  const use = { connector: 'linear', operation: 'linear.viewer', host: 'api.linear.app' };
  const binding = {
    connector: 'linear',
    hosts: [use.host],
    operations: ['linear.*'],
    placement: 'api-key-header',
    level: 'personal',
  } as const;
  const secret = Secret.fromString(`lin_api_${randomBytes(20).toString('hex')}`);
  const files = await vault.putCredential({
    name: 'linear',
    secret,
    binding: { ...binding, hosts: [use.host], operations: ['linear.*'] },
  });
  const verified = await VerifiedVault.verify({ files, vaultId, manifestKeys: [keys.verifying] });
  const credentialId = verified.manifest.credentials[0]?.id ?? '';
  const vaultKey = vault.exportVaultKey();
  return [
    await timeEach({ name: 'decrypt a credential', count }, async () => {
      const opened = await verified.decrypt({ vaultKey, credentialId, use });
      opened.zero();
    }),
  ];
}
