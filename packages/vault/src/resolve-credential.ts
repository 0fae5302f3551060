import { AileronError } from '@aileron/errors';
import { bindingAllows, type BindingLevel, type CredentialUse, LEVELS } from './credential-binding.js';
import { type CredentialEntry, type VaultManifest } from './vault-manifest.js';

export interface ResolvedCredential {
  readonly vaultId: string;
  readonly credentialId: string;
  readonly version: number;
  readonly name: string;
  readonly level: BindingLevel;
}

interface Bound {
  readonly manifest: VaultManifest;
  readonly entry: CredentialEntry;
}

const resolvedOf = ({ manifest, entry }: Bound): ResolvedCredential => ({
  vaultId: manifest.vaultId,
  credentialId: entry.id,
  version: entry.version,
  name: entry.name,
  level: entry.binding.level,
});

/**
 * The credential that a use gets: of all that are bound to it, the one at the nearest level. CREDENTIAL_NOT_BOUND when
 * there is none; CREDENTIAL_AMBIGUOUS with the names when there are two at that level: none is better than a guess.
 */
export function resolveCredential(input: {
  manifests: readonly VaultManifest[];
  use: CredentialUse;
}): ResolvedCredential {
  const { use } = input;
  let nearest: Bound[] = [];
  for (const manifest of input.manifests) {
    for (const entry of manifest.credentials) {
      if (!bindingAllows(entry.binding, use)) continue;
      const candidate = { manifest, entry };
      const [best] = nearest;
      const distance =
        best === undefined ? -1 : LEVELS.indexOf(entry.binding.level) - LEVELS.indexOf(best.entry.binding.level);
      if (distance < 0) nearest = [candidate];
      else if (distance === 0) nearest.push(candidate);
    }
  }
  const [first, second] = nearest;
  if (first !== undefined && second === undefined) return resolvedOf(first);
  if (first !== undefined && second !== undefined) {
    const credentials = [first, second].map(({ manifest, entry }) => `${manifest.vaultId}/${entry.name}`);
    throw new AileronError('CREDENTIAL_AMBIGUOUS', { level: first.entry.binding.level, credentials });
  }
  const { connector, operation, host } = use;
  throw new AileronError('CREDENTIAL_NOT_BOUND', { connector, operation, host });
}
