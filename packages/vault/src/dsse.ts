import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import { fromBase64, toBase64 } from './base64.js';
import { concatBytes, utf8 } from './bytes.js';
import { type SigningKey, type VerifyingKey } from './signing-key.js';
import { subtle } from './web-crypto.js';

/** 8 MiB of payload: a connector bundle is the largest thing we sign. */
const MAX_PAYLOAD_BASE64 = 11_184_812;

/** Dead Simple Signing Envelope, https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md */
export const DsseEnvelope = z.object({
  payloadType: z.string().min(1).max(200),
  payload: z.string().max(MAX_PAYLOAD_BASE64),
  signatures: z
    .array(z.object({ keyid: z.string().max(64), sig: z.string().max(128) }))
    .min(1)
    .max(8),
});
export type DsseEnvelope = z.infer<typeof DsseEnvelope>;

/** The bytes that are signed: `DSSEv1 SP len(type) SP type SP len(payload) SP payload`. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const type = utf8(payloadType);
  return concatBytes(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

export async function signEnvelope(input: {
  payloadType: string;
  payload: Uint8Array;
  key: SigningKey;
}): Promise<DsseEnvelope> {
  const signed = preAuthenticationEncoding(input.payloadType, input.payload);
  const signature = new Uint8Array(await subtle.sign('Ed25519', input.key.privateKey, signed));
  return {
    payloadType: input.payloadType,
    payload: toBase64(input.payload),
    signatures: [{ keyid: input.key.keyId, sig: toBase64(signature) }],
  };
}

/**
 * The payload of an envelope that one of `keys` signed, and which one. Throws SIGNATURE_INVALID otherwise, with a
 * `reason`: malformed, payload-type, no-trusted-key, signature. Only these bytes may be parsed, never the envelope's own.
 */
export async function verifyEnvelope(input: {
  envelope: unknown;
  payloadType: string;
  keys: readonly VerifyingKey[];
}): Promise<{ payload: Uint8Array; keyId: string }> {
  const parsed = DsseEnvelope.safeParse(input.envelope);
  if (!parsed.success) throw invalid('malformed');
  const envelope = parsed.data;
  if (envelope.payloadType !== input.payloadType) throw invalid('payload-type');
  const payload = fromBase64(envelope.payload);
  if (payload === null) throw invalid('malformed');
  const signed = preAuthenticationEncoding(envelope.payloadType, payload);
  let known = false;
  for (const { keyid, sig } of envelope.signatures) {
    const key = input.keys.find((candidate) => candidate.keyId === keyid);
    if (key === undefined) continue;
    known = true;
    const signature = fromBase64(sig);
    if (signature?.length !== 64) continue;
    if (await subtle.verify('Ed25519', key.publicKey, signature, signed)) return { payload, keyId: key.keyId };
  }
  throw invalid(known ? 'signature' : 'no-trusted-key');
}

const invalid = (reason: string) => new AileronError('SIGNATURE_INVALID', { reason });
