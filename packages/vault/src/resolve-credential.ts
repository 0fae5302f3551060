import { AileronError } from '@aileron/errors';
import { bindingAllows, type BindingLevel, type CredentialUse, LEVELS } from './credential-binding.js';
import { type VaultManifest } from './vault-manifest.js';

export interface ResolvedCredential {
  readonly vaultId: string;
  readonly credentialId: string;
  readonly version: number;
  readonly name: string;
  readonly level: BindingLevel;
}

/**
 * The credential that a use gets: of all that are bound to it, the one at the nearest level. CREDENTIAL_NOT_BOUND when
 * there is none; CREDENTIAL_AMBIGUOUS with the names when there are two at that level: none is better than a guess.
 */
export function resolveCredential(input: {
  manifests: readonly VaultManifest[];
  use: CredentialUse;
}): ResolvedCredential {
  const { use } = input;
  const bound = input.manifests.flatMap(({ vaultId, credentials }) =>
    credentials
      .filter(({ binding }) => bindingAllows(binding, use))
      .map(({ id, version, name, binding }) => ({ vaultId, credentialId: id, version, name, level: binding.level })),
  );
  for (const level of LEVELS) {
    const [first, second] = bound.filter((candidate) => candidate.level === level);
    if (first === undefined) continue;
    if (second === undefined) return first;
    const credentials = [first, second].map(({ vaultId, name }) => `${vaultId}/${name}`);
    throw new AileronError('CREDENTIAL_AMBIGUOUS', { level, credentials });
  }
  const { connector, operation, host } = use;
  throw new AileronError('CREDENTIAL_NOT_BOUND', { connector, operation, host });
}
