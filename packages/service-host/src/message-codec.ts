import {
  create,
  fromBinary,
  ScalarType,
  toBinary,
  type DescMessage,
  type DescMethod,
  type Message,
  type MessageInitShape,
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
export function encodeAnswer(method: DescMethod, answer: object): Buffer {
  const message = create(method.output, answer as MessageInitShape<typeof method.output>);
  try {
    return encode(method, method.output, message);
  } finally {
    if (isSensitive(method)) zeroBytes(method.output, message);
  }
}

/** Overwrites every byte field of a message. */
export function zeroBytes(schema: DescMessage, message: object): void {
  let names = byteFieldNames.get(schema);
  if (names === undefined) byteFieldNames.set(schema, (names = namesOfByteFields(schema)));
  const values = message as Readonly<Record<string, unknown>>;
  for (const name of names) {
    const value = values[name];
    if (value instanceof Uint8Array) value.fill(0);
  }
}

const byteFieldNames = new WeakMap<DescMessage, readonly string[]>();

const namesOfByteFields = ({ fields }: DescMessage): readonly string[] =>
  fields
    .filter((field) => field.fieldKind === 'scalar' && field.scalar === ScalarType.BYTES)
    .map(({ localName }) => localName);

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
  return namesOfByteFields(schema).flatMap((name) => {
    const bytes = values[name];
    return bytes instanceof Uint8Array ? [{ name, bytes }] : [];
  });
}
