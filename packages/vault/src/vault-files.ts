import { utf8 } from './bytes.js';
import { sha256Base64Url } from './sha256.js';
import { tampered } from './tampered.js';
import { type VaultManifest } from './vault-manifest.js';

/** The files of one vault by their path inside its folder. */
export type VaultFiles = ReadonlyMap<string, Uint8Array>;

export const MANIFEST_PATH = 'manifest.json';
export const wrapPath = (userId: string) => `key_wrappings/${userId}.wrap`;
export const credentialPath = (credentialId: string) => `credentials/${credentialId}.enc`;

/** The file of this path, VAULT_TAMPERED when it is not there or not the one that the manifest names. */
export async function pinnedFile(files: VaultFiles, path: string, expectedSha256: string): Promise<Uint8Array> {
  const file = files.get(path);
  if (file === undefined) throw tampered('file-missing', { path });
  if ((await sha256Base64Url(file)) !== expectedSha256) throw tampered('file-changed', { path });
  return file;
}

/**
 * meta.json, members.json and credentials/*.meta.json: for people and for tools of the seed's layout. Nothing of ours
 * reads them; they are computed from the manifest and must say the same.
 */
export function derivedFiles(manifest: VaultManifest): VaultFiles {
  const { name, type, ownerUserId: owner, createdAt: created_at } = manifest;
  const files = new Map([
    ['meta.json', json({ name, type, owner, created_at })],
    ['members.json', json({ members: manifest.members.map(({ userId: user_id, role }) => ({ user_id, role })) })],
  ]);
  for (const { id, name, binding } of manifest.credentials) {
    const { placement, ...bindings } = binding;
    files.set(`credentials/${id}.meta.json`, json({ name, type: placement, bindings }));
  }
  return files;
}

/** Every file is there and as its members left it; nothing else lies beside them. VAULT_TAMPERED names the path. */
export async function assertExactFiles(files: VaultFiles, manifest: VaultManifest): Promise<void> {
  const expected = new Set([MANIFEST_PATH]);
  const pinned = [
    ...manifest.members.map((member) => [wrapPath(member.userId), member.wrapSha256] as const),
    ...manifest.credentials.map((credential) => [credentialPath(credential.id), credential.encSha256] as const),
  ];
  for (const [path, sha256] of pinned) {
    await pinnedFile(files, path, sha256);
    expected.add(path);
  }
  for (const [path, content] of derivedFiles(manifest)) {
    await pinnedFile(files, path, await sha256Base64Url(content));
    expected.add(path);
  }
  for (const path of files.keys()) if (!expected.has(path)) throw tampered('file-unexpected', { path });
}

const json = (value: unknown) => utf8(`${JSON.stringify(value, null, 2)}\n`);
