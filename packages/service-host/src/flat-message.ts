import { type DescField, type DescMessage, type Message, ScalarType } from '@bufbuild/protobuf';

/** Wire types of https://protobuf.dev/programming-guides/encoding. */
const VARINT = 0;
const LENGTH = 2;
const LARGEST_UINT32 = 0xffff_ffff;

interface FlatMessage {
  readonly fields: readonly FlatField[];
  readonly hasBytes: boolean;
}

interface FlatField {
  readonly name: string;
  readonly scalar: ScalarType;
  readonly tag: number;
}

const plans = new WeakMap<DescMessage, FlatMessage | null>();

/**
 * The bytes of a message of texts, bytes, counts and booleans, as `toBinary` writes them, at once in their length: nothing
 * grows and is dropped on the way. Where the message has a field of bytes, the array is nobody else's. Null for every other
 * message, and for a value that its field does not take.
 */
export function encodeFlat(schema: DescMessage, message: Message): Buffer | null {
  let plan = plans.get(schema);
  if (plan === undefined) plans.set(schema, (plan = planOf(schema)));
  if (plan === null || message.$unknown !== undefined) return null;
  const values = message as unknown as Readonly<Record<string, unknown>>;
  let size = 0;
  for (const field of plan.fields) {
    const length = sizeOf(field, values[field.name]);
    if (length < 0) return null;
    size += length;
  }
  const bytes = plan.hasBytes ? Buffer.allocUnsafeSlow(size) : Buffer.allocUnsafe(size);
  let at = 0;
  for (const field of plan.fields) at = write(bytes, at, field, values[field.name]);
  return bytes;
}

function planOf({ fields, oneofs }: DescMessage): FlatMessage | null {
  if (oneofs.length > 0 || !fields.every(isFlat)) return null;
  const flat = fields
    .toSorted((a, b) => a.number - b.number)
    .map(({ localName, scalar, number }) => {
      const wireType = scalar === ScalarType.STRING || scalar === ScalarType.BYTES ? LENGTH : VARINT;
      return { name: localName, scalar, tag: (number << 3) | wireType };
    });
  return { fields: flat, hasBytes: flat.some(({ scalar }) => scalar === ScalarType.BYTES) };
}

/** `IMPLICIT` presence (proto3's rule): a field that has its zero value is not written. */
const IMPLICIT = 2;

const isFlat = (field: DescField): field is DescField & { fieldKind: 'scalar'; scalar: ScalarType } =>
  field.fieldKind === 'scalar' &&
  (field.presence as number) === IMPLICIT &&
  [ScalarType.STRING, ScalarType.BYTES, ScalarType.UINT32, ScalarType.BOOL].includes(field.scalar);

/** Bytes with its tag; -1 for a value that is none of this field. */
function sizeOf({ scalar, tag }: FlatField, value: unknown): number {
  switch (scalar) {
    case ScalarType.STRING:
      return typeof value === 'string' ? sizeOfText(tag, Buffer.byteLength(value)) : -1;
    case ScalarType.BYTES:
      return value instanceof Uint8Array ? sizeOfText(tag, value.length) : -1;
    case ScalarType.UINT32: {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > LARGEST_UINT32) return -1;
      return value === 0 ? 0 : sizeOfVarint(tag) + sizeOfVarint(value);
    }
    default:
      return typeof value !== 'boolean' ? -1 : value ? sizeOfVarint(tag) + 1 : 0;
  }
}

const sizeOfText = (tag: number, length: number): number =>
  length === 0 ? 0 : sizeOfVarint(tag) + sizeOfVarint(length) + length;

function sizeOfVarint(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

function write(bytes: Buffer, at: number, { tag }: FlatField, value: unknown): number {
  if (typeof value === 'string') {
    if (value === '') return at;
    const start = writeVarint(bytes, writeVarint(bytes, at, tag), Buffer.byteLength(value));
    return start + bytes.write(value, start, 'utf8');
  }
  if (value instanceof Uint8Array) {
    if (value.length === 0) return at;
    const start = writeVarint(bytes, writeVarint(bytes, at, tag), value.length);
    bytes.set(value, start);
    return start + value.length;
  }
  return Number(value) === 0 ? at : writeVarint(bytes, writeVarint(bytes, at, tag), Number(value));
}

function writeVarint(bytes: Buffer, from: number, value: number): number {
  let [at, rest] = [from, value];
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80;
  bytes[at++] = rest;
  return at;
}
