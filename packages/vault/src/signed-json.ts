import { AileronError } from '@aileron/errors';
import { type z } from 'zod';
import { canonicalJson, type JsonValue } from './canonical-json.js';
import { textOf, utf8 } from './bytes.js';
import { signEnvelope, verifyEnvelope } from './dsse.js';
import { type SigningKey, type VerifyingKey } from './signing-key.js';
import { tampered } from './tampered.js';

/** A JSON document in a DSSE envelope, as the bytes of a file. */
export async function signJson(input: { payloadType: string; value: JsonValue; key: SigningKey }): Promise<Uint8Array> {
  const payload = canonicalJson(input.value);
  const envelope = await signEnvelope({ payloadType: input.payloadType, payload, key: input.key });
  return utf8(`${JSON.stringify(envelope)}\n`);
}

/** The document of such a file, if one of `keys` signed it and it has this shape. VAULT_TAMPERED otherwise. */
export async function verifyJson<T>(input: {
  file: Uint8Array;
  payloadType: string;
  keys: readonly VerifyingKey[];
  schema: z.ZodType<T>;
  maxBytes: number;
}): Promise<{ value: T; keyId: string }> {
  const envelope = parseJson(input.file, input.maxBytes);
  try {
    const { payload, keyId } = await verifyEnvelope({ envelope, payloadType: input.payloadType, keys: input.keys });
    const parsed = input.schema.safeParse(parseJson(payload, input.maxBytes));
    if (!parsed.success) throw tampered('malformed');
    return { value: parsed.data, keyId };
  } catch (error) {
    if (!AileronError.is(error, 'SIGNATURE_INVALID')) throw error;
    throw tampered('signature');
  }
}

/** JSON of at most `maxBytes` bytes, VAULT_TAMPERED for anything else. */
export function parseJson(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length > maxBytes) throw tampered('too-large');
  try {
    return JSON.parse(textOf(bytes)) as unknown;
  } catch {
    throw tampered('malformed');
  }
}
