import { z } from 'zod';
import { UserId, VaultId } from './ids.js';

/** A path inside a vault's folder, in seed 003's layout. */
export const VaultFilePath = z
  .string()
  .max(160)
  .regex(
    /^(manifest\.json|meta\.json|members\.json|key_wrappings\/usr_[0-9A-Za-z_-]{1,60}\.wrap|credentials\/crd_[0-9A-Za-z_-]{1,60}\.(enc|meta\.json))$/,
    'not a file of a vault',
  );
export const VaultFile = z.strictObject({ path: VaultFilePath, contentBase64: z.base64().max(262_144) });

/** GET /v1/vaults/{id} */
export const VaultFiles = z.strictObject({ vaultId: VaultId, files: z.array(VaultFile).max(2_000) });
export type VaultFiles = z.infer<typeof VaultFiles>;

/**
 * PUT /v1/vaults/{id}: replaces every file at once. `expectedManifestSha256` is that of the manifest the writer
 * started from (null for a new vault); another writer in between makes it a 409, and nothing is lost.
 */
export const PutVaultRequest = z.strictObject({
  expectedManifestSha256: z.string().max(64).nullable(),
  files: z.array(VaultFile).min(1).max(2_000),
});
export type PutVaultRequest = z.infer<typeof PutVaultRequest>;

/** GET /v1/vaults */
export const ListVaultsResponse = z.strictObject({
  vaults: z.array(z.strictObject({ vaultId: VaultId, name: z.string(), type: z.enum(['personal', 'shared']) })),
});
export type ListVaultsResponse = z.infer<typeof ListVaultsResponse>;

/** GET and PUT /v1/users/{id}: users/{user_id}.json as base64. PUT only when absent or with the digest of the one replaced. */
export const UserFile = z.strictObject({ userId: UserId, contentBase64: z.base64().max(65_536) });
export type UserFile = z.infer<typeof UserFile>;
export const PutUserRequest = z.strictObject({
  expectedSha256: z.string().max(64).nullable(),
  contentBase64: z.base64().max(65_536),
});
export type PutUserRequest = z.infer<typeof PutUserRequest>;
