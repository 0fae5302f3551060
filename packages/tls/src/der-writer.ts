// DER of ITU-T X.690, as much as a certificate of RFC 5280 needs. Writes only: what is read is read by OpenSSL.

/** A certificate of ours has less than 1 KiB; what outgrows this is a mistake. */
export const MAX_DER_BYTES = 65_535;

const UNIVERSAL = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;
/** X.680 41.4. */
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

export function sequence(...elements: readonly Uint8Array[]): Buffer {
  return element(UNIVERSAL.sequence, ...elements);
}

/** One element: a SET OF of several would have to be sorted (X.690 11.6). */
export function setOfOne(member: Uint8Array): Buffer {
  return element(UNIVERSAL.set, member);
}

/** A whole number of zero or more. */
export function integer(value: number): Buffer {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a natural number');
  const hex = value.toString(16);
  return unsignedInteger(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'));
}

/** A positive number or zero, from its big-endian bytes: the shortest form, never read as negative (X.690 8.3). */
export function unsignedInteger(bigEndian: Uint8Array): Buffer {
  if (bigEndian.length === 0) throw new RangeError('a number without bytes');
  let start = 0;
  while (start < bigEndian.length - 1 && bigEndian[start] === 0) start++;
  const digits = bigEndian.subarray(start);
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return element(UNIVERSAL.integer, Uint8Array.from(sign), digits);
}

export function boolean(value: boolean): Buffer {
  return element(UNIVERSAL.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** From `2.5.29.17`. */
export function objectIdentifier(dotted: string): Buffer {
  if (!/^[0-2](?:\.(?:0|[1-9]\d{0,14})){1,32}$/.test(dotted)) throw new RangeError('not an object identifier');
  const [root = 0, second = 0, ...arcs] = dotted.split('.').map(Number);
  if (root < 2 && second > 39) throw new RangeError('not an object identifier');
  return element(UNIVERSAL.objectIdentifier, Uint8Array.from([root * 40 + second, ...arcs].flatMap(base128)));
}

export function octetString(content: Uint8Array): Buffer {
  return element(UNIVERSAL.octetString, content);
}

/** Whole bytes: keys and signatures. */
export function bitString(content: Uint8Array): Buffer {
  return element(UNIVERSAL.bitString, Uint8Array.of(0), content);
}

/** Up to eight named bits, bit 0 the first: without the zeros at the end (X.690 11.2.2). */
export function namedBits(...bits: readonly number[]): Buffer {
  if (bits.some((bit) => !Number.isInteger(bit) || bit < 0 || bit > 7)) throw new RangeError('not a bit of one byte');
  if (bits.length === 0) return element(UNIVERSAL.bitString, Uint8Array.of(0));
  const byte = bits.reduce((all, bit) => all | (0x80 >> bit), 0);
  return element(UNIVERSAL.bitString, Uint8Array.of(7 - Math.max(...bits), byte));
}

/** A DirectoryString in one of the two forms that RFC 5280 4.1.2.4 allows: PrintableString where that can say it. */
export function directoryString(text: string): Buffer {
  if (!text.isWellFormed()) throw new RangeError('a lone surrogate');
  return element(PRINTABLE.test(text) ? UNIVERSAL.printableString : UNIVERSAL.utf8String, Buffer.from(text, 'utf8'));
}

/** To the second, in UTC: UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280 4.1.2.5). */
export function time(date: Date): Buffer {
  const year = date.getUTCFullYear();
  if (!(year >= 1950 && year <= 9999)) throw new RangeError('a time that certificates cannot say');
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/\D/g, '')}Z`;
  if (year < 2050) return element(UNIVERSAL.utcTime, Buffer.from(digits.slice(2), 'latin1'));
  return element(UNIVERSAL.generalizedTime, Buffer.from(digits, 'latin1'));
}

/** `[tag] EXPLICIT`, or an IMPLICIT one of a constructed type. */
export function contextConstructed(tag: number, ...elements: readonly Uint8Array[]): Buffer {
  return element(CONTEXT | CONSTRUCTED | contextTag(tag), ...elements);
}

/** `[tag] IMPLICIT` of a primitive type. */
export function contextPrimitive(tag: number, content: Uint8Array): Buffer {
  return element(CONTEXT | contextTag(tag), content);
}

function contextTag(tag: number): number {
  if (!Number.isInteger(tag) || tag < 0 || tag > 30) throw new RangeError('not a tag of one byte');
  return tag;
}

function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of content) length += part.length;
  return Buffer.concat([header(tag, length), ...content]);
}

/** The length in as few bytes as it takes (X.690 10.1). */
function header(tag: number, length: number): Uint8Array {
  if (length > MAX_DER_BYTES) throw new RangeError('an element over 64 KiB');
  if (length < 0x80) return Uint8Array.of(tag, length);
  if (length < 0x100) return Uint8Array.of(tag, 0x81, length);
  return Uint8Array.of(tag, 0x82, length >> 8, length & 0xff);
}

/** X.690 8.19.2: seven bits a byte, all but the last with the high bit set. */
function base128(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 0x80);
  return bytes;
}
