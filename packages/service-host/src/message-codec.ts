import {
  create,
  fromBinary,
  ScalarType,
  toBinary,
  type DescMessage,
  type DescMethod,
  type Message,
} from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { encodeFlat } from './flat-message.js';

/** As grpc-js has by default. */
export const LARGEST_MESSAGE_BYTES = 4 << 20;

/** Its messages carry plaintext. */
const SENSITIVE_SERVICE = 'aileron.credential.v1.DecryptService';

/** Whether the messages of a method carry secrets: their bytes are overwritten by whoever no longer needs them. */
export const isSensitive = (method: DescMethod): boolean => method.parent.typeName === SENSITIVE_SERVICE;

/** @throws AileronError PAYLOAD_TOO_LARGE */
export function encode(method: DescMethod, schema: DescMessage, message: Message): Buffer {
  const flat = encodeFlat(schema, message);
  const bytes = flat ?? (isSensitive(method) ? encodeInPlace(schema, message) : toBinary(schema, message));
  if (bytes.length > LARGEST_MESSAGE_BYTES) {
    bytes.fill(0);
    throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes: LARGEST_MESSAGE_BYTES });
  }
  return flat ?? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An answer belongs to the host once it is given: the bytes of a sensitive one are zeroed when they are encoded. */
export function encodeAnswer(method: DescMethod, answer: Message): Buffer {
  try {
    return encode(method, method.output, answer);
  } finally {
    if (isSensitive(method)) zeroBytes(method.output, answer);
  }
}

/** Overwrites every byte field of a message. */
export function zeroBytes(schema: DescMessage, message: Message): void {
  const values = message as unknown as Readonly<Record<string, unknown>>;
  for (const field of schema.fields) {
    const value =
      field.fieldKind === 'scalar' && field.scalar === ScalarType.BYTES ? values[field.localName] : undefined;
    if (value instanceof Uint8Array) value.fill(0);
  }
}

/**
 * The encoder grows and drops buffers of its own, with what was written to them. So it writes zeros of the right length,
 * and the true bytes go straight into the result: a decoded message is a view of what it was decoded from.
 */
function encodeInPlace(schema: DescMessage, message: Message): Uint8Array {
  const fields = byteFields(schema, message);
  const zeros = Object.fromEntries(fields.map(({ name, bytes }) => [name, new Uint8Array(bytes.length)]));
  const encoded = toBinary(schema, create(schema, { ...message, ...zeros }));
  const views = new Map(byteFields(schema, fromBinary(schema, encoded)).map(({ name, bytes }) => [name, bytes]));
  for (const { name, bytes } of fields) views.get(name)?.set(bytes);
  return encoded;
}

function byteFields(schema: DescMessage, message: Message): { readonly name: string; readonly bytes: Uint8Array }[] {
  const values = message as unknown as Readonly<Record<string, unknown>>;
  return schema.fields.flatMap((field) => {
    const bytes =
      field.fieldKind === 'scalar' && field.scalar === ScalarType.BYTES ? values[field.localName] : undefined;
    return bytes instanceof Uint8Array ? [{ name: field.localName, bytes }] : [];
  });
}
