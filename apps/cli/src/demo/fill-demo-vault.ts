import { randomBytes } from 'node:crypto';
import { AileronError } from '@aileron/errors';
import { Secret } from '@aileron/vault';
import type { LocalApi } from '../api/local-api.js';
import { initVault } from '../vault/init-vault.js';
import { setSecret } from '../vault/set-secret.js';
import type { DemoCast } from './demo-cast.js';

/**
 * A vault with the cast's credentials, each bound to its host and operations. Returns its passphrase.
 * @throws AileronError CONFLICT: the home has a vault, which is somebody's
 */
export async function fillDemoVault(api: LocalApi, cast: DemoCast): Promise<string> {
  const { vaults } = await api.listVaults();
  if (vaults.length > 0)
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
  return passphrase;
}
