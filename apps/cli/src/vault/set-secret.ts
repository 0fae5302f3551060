import { compileConnector } from '@aileron/connectors';
import { AileronError } from '@aileron/errors';
import type { CredentialBinding, Secret } from '@aileron/vault';
import type { LocalApi } from '../api/local-api.js';
import { installedConnectors } from '../connectors/installed-connectors.js';
import { openPersonalVault } from './open-vault.js';
import { encodeVaultFiles, manifestSha256 } from './vault-files.js';

export interface SetSecretInput {
  readonly api: LocalApi;
  readonly passphrase: Secret;
  readonly connector: string;
  readonly name: string;
  readonly value: Secret;
  readonly hosts: readonly string[] | undefined;
  readonly operations: readonly string[] | undefined;
  readonly now: Date;
}

/** Stores a credential, or a new version of the one of this name, encrypted here; the store sees ciphertext. */
export async function setSecret(
  i: SetSecretInput,
): Promise<{ name: string; version: number; binding: CredentialBinding }> {
  const binding = bindingOf(i);
  const opened = await openPersonalVault(i.api, i.passphrase);
  const files = await opened.vault.putCredential({ name: i.name, secret: i.value, binding });
  await i.api.putVault(opened.vaultId, {
    expectedManifestSha256: manifestSha256(opened.files),
    files: encodeVaultFiles(files),
  });
  await opened.vault.reopen(files);
  const stored = opened.vault.listCredentials().find((credential) => credential.name === i.name);
  return { name: i.name, version: stored?.version ?? 1, binding };
}

function bindingOf(i: SetSecretInput): CredentialBinding {
  const source = installedConnectors().find((candidate) => candidate.name === i.connector);
  if (!source) {
    const known = installedConnectors().map((candidate) => candidate.name);
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field: 'connector', message: `one of ${known.join(', ')}` }],
    });
  }
  const connector = compileConnector(source);
  const unknownHost = i.hosts?.find((host) => !connector.hosts.includes(host));
  if (unknownHost !== undefined) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field: 'host', message: `${i.connector} has only ${connector.hosts.join(', ')}` }],
    });
  }
  const names = connector.operations.map((operation) => operation.name);
  const unknownOperation = i.operations?.find((operation) => !names.includes(operation));
  if (unknownOperation !== undefined) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field: 'operation', message: `${i.connector} has only ${names.join(', ')}` }],
    });
  }
  return {
    connector: connector.name,
    hosts: [...(i.hosts ?? connector.hosts)],
    operations: [...(i.operations ?? [`${connector.name}.*`])],
    placement: connector.credential.kind,
    level: 'personal',
  };
}
