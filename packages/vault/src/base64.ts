const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Standard base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD_CODES);
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

/** URL-safe base64 without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE_CODES);
}

/**
 * Decodes standard base64. Only the one canonical form is taken (padding there, unused bits zero, no white space):
 * two texts for one value would be two signatures' worth of trouble. Null for anything else.
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0) return null;
  const bytes = decode(text.replace(/={1,2}$/, ''), STANDARD_VALUES);
  return bytes !== null && toBase64(bytes) === text ? bytes : null;
}

/** Decodes canonical unpadded base64url, null for anything else. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = decode(text, URL_SAFE_VALUES);
  return bytes !== null && toBase64Url(bytes) === text ? bytes : null;
}

/** So many bytes make the characters of one call below: its arguments lie on the stack. */
const AT_ONCE = 3_072;

function encode(bytes: Uint8Array, codes: Uint8Array): string {
  if (bytes.length <= AT_ONCE) return encodePiece(bytes, codes);
  let text = '';
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += encodePiece(bytes.subarray(at, at + AT_ONCE), codes);
  return text;
}

function encodePiece(bytes: Uint8Array, codes: Uint8Array): string {
  const text: number[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text.push(codes[group >> 18] ?? 0, codes[(group >> 12) & 63] ?? 0);
    if (left > 1) text.push(codes[(group >> 6) & 63] ?? 0);
    if (left > 2) text.push(codes[group & 63] ?? 0);
  }
  return String.fromCharCode(...text);
}

const codesOf = (alphabet: string): Uint8Array => Uint8Array.from(alphabet, (character) => character.charCodeAt(0));
const STANDARD_CODES = codesOf(STANDARD);
const URL_SAFE_CODES = codesOf(URL_SAFE);

/** Value by character code, -1 for a character that is not in the alphabet. */
function valuesOf(alphabet: string): Int8Array {
  const values = new Int8Array(128).fill(-1);
  for (let value = 0; value < 64; value++) values[alphabet.charCodeAt(value)] = value;
  return values;
}

const STANDARD_VALUES = valuesOf(STANDARD);
const URL_SAFE_VALUES = valuesOf(URL_SAFE);

function decode(text: string, values: Int8Array): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let offset = 0;
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? -1;
    if (value < 0) return null;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[offset++] = (held >> bits) & 0xff;
    }
  }
  return bytes;
}
