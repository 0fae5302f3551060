import { createHash } from 'node:crypto';
import type { VaultFiles as VaultFilesView, PutVaultRequest } from '@aileron/contracts/rest';
import type { VaultFiles } from '@aileron/vault';

export function encodeVaultFiles(files: VaultFiles): PutVaultRequest['files'] {
  return [...files].map(([path, content]) => ({ path, contentBase64: Buffer.from(content).toString('base64') }));
}

export function decodeVaultFiles(view: VaultFilesView): VaultFiles {
  return new Map(view.files.map(({ path, contentBase64 }) => [path, Buffer.from(contentBase64, 'base64')]));
}

/** Base64url digest of the manifest: what a writer started from. */
export function manifestSha256(files: VaultFiles): string {
  return createHash('sha256')
    .update(files.get('manifest.json') ?? new Uint8Array())
    .digest('base64url');
}
