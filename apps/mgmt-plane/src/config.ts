import { secret } from '@aileron/config';
import { Secret, StoredSigningKey, StoredVerifyingKey } from '@aileron/vault';
import { z } from 'zod';

/** Who may decide: a person's device key, and whose it is. */
export const DeviceKey = StoredVerifyingKey.extend({
  userId: z.string().min(1).max(64),
  name: z.string().min(1).max(128),
});
export type DeviceKey = z.infer<typeof DeviceKey>;

/** What the management plane is told at start. */
export const MgmtPlaneConfig = z.object({
  /** Connection string of the role `aileron_mgmt`. */
  databaseUrl: z.string().min(1).max(4_096),
  /** Holds `vaults/` and `users/`: ciphertext and signed documents. */
  storeDirectory: z.string().min(1).max(4_096),
  /** Its `*.cedar` files are added to the connectors' defaults. It need not exist. */
  policyDirectory: z.string().min(1).max(4_096),
  host: z.literal(['127.0.0.1', '::1', 'localhost']).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(3100),
  /** Asked for by every route but /health. */
  localToken: z.union([z.custom<Secret>((value) => value instanceof Secret), secret()]),
  trust: z.object({ deviceKeys: z.array(DeviceKey).min(1).max(10_000) }),
  /** Signs bundles. */
  adminSigningKey: StoredSigningKey,
  tenant: z.object({ tenantId: z.string().min(1).max(64), name: z.string().min(1).max(128) }),
  user: z.object({ userId: z.string().min(1).max(64), name: z.string().min(1).max(128) }),
  /** Pages that may call the REST API, for example http://127.0.0.1:3000. */
  allowedOrigins: z.array(z.string().max(255)).max(16).default([]),
  /** How long a proxy serves after it last heard of the management plane. */
  proxyLeaseSeconds: z.int().min(2).max(60).default(60),
  /** How long the start of a session waits for a proxy. */
  sessionStartDeadlineMs: z.int().min(100).max(60_000).default(5_000),
});
export type MgmtPlaneConfig = z.infer<typeof MgmtPlaneConfig>;
/** Injects the MgmtPlaneConfig. */
export const CONFIG = Symbol('MgmtPlaneConfig');
