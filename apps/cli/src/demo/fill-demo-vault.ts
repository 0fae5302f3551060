import { randomBytes } from 'node:crypto';
import { AileronError } from '@aileron/errors';
import { Secret } from '@aileron/vault';
import type { LocalApi } from '../api/local-api.js';
import { initVault } from '../vault/init-vault.js';
import { setSecret } from '../vault/set-secret.js';
import type { DemoCast } from './demo-cast.js';
import type { KeptDemo } from './kept-demo.js';

/**
 * A vault with the cast's credentials, each bound to its host and operations, or the one of `kept`.
 * @throws AileronError CONFLICT: the home has a vault, which is somebody's
 */
export async function fillDemoVault(api: LocalApi, cast: DemoCast, kept?: KeptDemo): Promise<KeptDemo> {
  const vaultIds = await vaultIdsOf(api);
  if (kept !== undefined && vaultIds.length > 0 && vaultIds.every((id) => kept.vaultIds.includes(id))) return kept;
  if (vaultIds.length > 0)
    throw new AileronError('CONFLICT', { reason: 'the home has a vault; a demo wants an empty one' });
  const passphrase = randomBytes(24).toString('base64url');
  await initVault({ api, passphrase: Secret.fromString(passphrase), now: new Date() });
  for (const [connector, value] of Object.entries(cast.credentials)) {
    await setSecret({
      api,
      passphrase: Secret.fromString(passphrase),
      connector,
      name: connector,
      value: Secret.fromString(value),
      hosts: undefined,
      operations: undefined,
      now: new Date(),
    });
  }
  return { passphrase, credentials: cast.credentials, vaultIds: await vaultIdsOf(api) };
}

async function vaultIdsOf(api: LocalApi): Promise<string[]> {
  const { vaults } = await api.listVaults();
  return vaults.map(({ vaultId }) => vaultId);
}
