import {
  create,
  fromBinary,
  ScalarType,
  type DescField,
  type DescMessage,
  type DescMethod,
  type Message,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { encode, isSensitive, LARGEST_MESSAGE_BYTES, zeroBytes } from './message-codec.js';

/**
 * What would arrive of a message if it were written and read again: its known fields, bytes in an array of their own. So
 * that nothing is shared between two services of one process, as nothing is over a network.
 * @throws AileronError PAYLOAD_TOO_LARGE
 */
export function copyMessage(method: DescMethod, schema: DescMessage, init: object): Message {
  return (
    copySimple(schema, init) ??
    fromBinary(schema, encode(method, schema, create(schema, init as MessageInitShape<DescMessage>)))
  );
}

/** An answer belongs to the host once it is given: the bytes of a sensitive one are zeroed when they are copied. */
export function copyAnswer(method: DescMethod, answer: object): Message {
  try {
    return copyMessage(method, method.output, answer);
  } finally {
    if (isSensitive(method)) zeroBytes(method.output, answer);
  }
}

interface SimpleField {
  readonly name: string;
  /** Undefined for a value that is none of this field. */
  readonly copy: (value: unknown) => unknown;
  readonly zero: () => unknown;
  /** No fewer bytes than the value takes when it is written. */
  readonly mostBytes: (value: unknown) => number;
}

const plans = new WeakMap<DescMessage, readonly SimpleField[] | null>();

/**
 * Without the way through bytes, which costs ten times as much. Null where that way has to judge: fields of another kind, a
 * value that is none of its field, a message that is nearly too large.
 */
function copySimple(schema: DescMessage, init: object): Message | null {
  let plan = plans.get(schema);
  if (plan === undefined) plans.set(schema, (plan = planOf(schema)));
  const values = init as Readonly<Record<string, unknown>>;
  if (plan === null || values['$unknown'] !== undefined) return null;
  const message: Record<string, unknown> & Message = { $typeName: schema.typeName };
  let mostBytes = 0;
  for (const { name, copy, zero, mostBytes: mostOf } of plan) {
    const value = values[name] ?? zero();
    const copied = copy(value);
    if (copied === undefined) return null;
    message[name] = copied;
    mostBytes += mostOf(value);
  }
  return mostBytes > LARGEST_MESSAGE_BYTES ? null : message;
}

/** `IMPLICIT` presence (proto3's rule): a field that is not set has its zero value. */
const IMPLICIT = 2;
/** A tag and a length, each at its longest. */
const AROUND_BYTES = 10;
const LARGEST_UINT32 = 0xffff_ffff;

function planOf({ fields, oneofs }: DescMessage): readonly SimpleField[] | null {
  const simple = fields.map(simpleField);
  return oneofs.length > 0 || simple.includes(null) ? null : simple.filter((field) => field !== null);
}

function simpleField(field: DescField): SimpleField | null {
  const name = field.localName;
  if (field.fieldKind === 'list' && field.scalar === ScalarType.BYTES) return { name, ...LISTS_OF_BYTES };
  if (field.fieldKind !== 'scalar' || (field.presence as number) !== IMPLICIT) return null;
  switch (field.scalar) {
    case ScalarType.STRING:
      return { name, ...TEXTS };
    case ScalarType.BYTES:
      return { name, ...BYTES };
    case ScalarType.UINT32:
      return { name, ...COUNTS };
    case ScalarType.BOOL:
      return { name, ...FLAGS };
    default:
      return null;
  }
}

type Kind = Omit<SimpleField, 'name'>;

/** As UTF-8 has it: half a surrogate pair is no character. */
const TEXTS: Kind = {
  zero: () => '',
  copy: (value) => (typeof value === 'string' ? value.toWellFormed() : undefined),
  mostBytes: (value) => (value as string).length * 3 + AROUND_BYTES,
};

const BYTES: Kind = {
  zero: () => new Uint8Array(0),
  copy: (value) => (value instanceof Uint8Array ? copyOfOne(value) : undefined),
  mostBytes: (value) => (value as Uint8Array).length + AROUND_BYTES,
};

const COUNTS: Kind = {
  zero: () => 0,
  copy: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LARGEST_UINT32 ? value : undefined,
  mostBytes: () => AROUND_BYTES,
};

const FLAGS: Kind = {
  zero: () => false,
  copy: (value) => (typeof value === 'boolean' ? value : undefined),
  mostBytes: () => AROUND_BYTES,
};

const LISTS_OF_BYTES: Kind = {
  zero: () => [],
  copy: (value) =>
    Array.isArray(value) && value.every((each) => each instanceof Uint8Array) ? copyOf(value) : undefined,
  mostBytes: (value) => (value as Uint8Array[]).reduce((sum, { length }) => sum + length + AROUND_BYTES, 0),
};

/** An array that is nobody else's. */
function copyOfOne(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

/** All in one such array. */
function copyOf(parts: readonly Uint8Array[]): Buffer[] {
  const whole = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  return parts.map((part) => {
    whole.set(part, at);
    at += part.length;
    return whole.subarray(at - part.length, at);
  });
}
