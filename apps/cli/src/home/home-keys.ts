import { z } from 'zod';
import { generateSigningKey, type StoredSigningKey, type StoredVerifyingKey } from '@aileron/vault';
import type { Home, KeyName } from './home.js';
import { readJsonFile, writePrivateFile } from './private-file.js';

const StoredVerifyingKeySchema = z.strictObject({ keyId: z.string().max(64), publicKeyBase64: z.string().max(128) });
const StoredSigningKeySchema = StoredVerifyingKeySchema.extend({ privateKeyBase64: z.string().max(512) });
const DeviceKeySchema = StoredVerifyingKeySchema.extend({ userId: z.string().max(64), name: z.string().max(128) });

/** Whom the services of this home believe. Written once, at the first start; see docs/adr/0003. */
export const TrustFile = z.strictObject({
  adminKeys: z.array(StoredVerifyingKeySchema).min(1).max(16),
  deviceKeys: z.array(DeviceKeySchema).min(1).max(64),
  serviceKeys: z.array(StoredVerifyingKeySchema).min(1).max(16),
  auditKeys: z.array(StoredVerifyingKeySchema).min(1).max(64),
});
export type TrustFile = z.infer<typeof TrustFile>;

/** The signing key of this name; made at the first call. */
export async function ensureSigningKey(home: Home, name: KeyName): Promise<StoredSigningKey> {
  const file = home.keyFile(name);
  const existing = readJsonFile(file, StoredSigningKeySchema);
  if (existing) return existing;
  const { stored } = await generateSigningKey();
  writePrivateFile(file, JSON.stringify(stored));
  return stored;
}

/** The trust of this home; made from its own keys at the first call. */
export async function ensureTrust(home: Home, user: { userId: string; name: string }): Promise<TrustFile> {
  const existing = readJsonFile(home.trustFile, TrustFile);
  if (existing) return existing;
  const trust: TrustFile = {
    adminKeys: [publicPart(await ensureSigningKey(home, 'admin'))],
    deviceKeys: [{ ...publicPart(await ensureSigningKey(home, 'device')), ...user }],
    serviceKeys: [publicPart(await ensureSigningKey(home, 'credential-service'))],
    auditKeys: [publicPart(await ensureSigningKey(home, 'audit'))],
  };
  writePrivateFile(home.trustFile, JSON.stringify(trust, null, 2));
  return trust;
}

function publicPart({ keyId, publicKeyBase64 }: StoredSigningKey): StoredVerifyingKey {
  return { keyId, publicKeyBase64 };
}
