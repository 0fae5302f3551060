import { StoredSigningKey, StoredVerifyingKey } from '@aileron/vault';
import { z } from 'zod';

/**
 * What credential-service is told at start. Whom it trusts stands here and not in the database: nobody who writes the
 * control plane's tables becomes a device.
 */
export const CredentialServiceConfig = z.object({
  /** Signs the HPKE key of each boot; devices pin its public half. */
  serviceSigningKey: StoredSigningKey,
  /** The devices that may hand in leases, each for its user. */
  deviceKeys: z.array(StoredVerifyingKey.extend({ userId: z.string().min(1).max(64) })).max(10_000),
  /** Sessions with keys in memory at one time, over all tenants. */
  maxLeases: z.int().min(1).max(100_000).default(10_000),
  /** How old a vault's files may be when they are used: the bound on how fast a removed credential stops working. */
  vaultMaxAgeMs: z.int().min(0).max(1_000).default(1_000),
});
export type CredentialServiceConfig = z.infer<typeof CredentialServiceConfig>;
