import { z } from 'zod';
import { canonicalJson } from './canonical-json.js';
import { textOf } from './bytes.js';
import { type DsseEnvelope, signEnvelope, verifyEnvelope } from './dsse.js';
import { invalidLease } from './lease-errors.js';
import { type SigningKey, type VerifyingKey } from './signing-key.js';

export const SERVICE_KEY_TYPE = 'application/vnd.aileron.service-key+json';

/** The HPKE key of one boot of credential-service. */
const ServiceKey = z.strictObject({
  format: z.literal('aileron-service-key/1'),
  bootId: z.string().min(1).max(64),
  publicKeyBase64: z.base64().max(64),
});
export type ServiceKey = z.infer<typeof ServiceKey>;

export async function signServiceKey(
  input: { bootId: string; publicKeyBase64: string },
  service: SigningKey,
): Promise<DsseEnvelope> {
  const payload = canonicalJson({ format: 'aileron-service-key/1', ...input });
  return await signEnvelope({ payloadType: SERVICE_KEY_TYPE, payload, key: service });
}

/** SIGNATURE_INVALID unless a pinned service key signed it. */
export async function verifyServiceKey(envelope: unknown, pinned: readonly VerifyingKey[]): Promise<ServiceKey> {
  const { payload } = await verifyEnvelope({ envelope, payloadType: SERVICE_KEY_TYPE, keys: pinned });
  const parsed = ServiceKey.safeParse(JSON.parse(textOf(payload)));
  if (!parsed.success) throw invalidLease('service-key-malformed');
  return parsed.data;
}
