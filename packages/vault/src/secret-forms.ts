import { concatBytes, utf8 } from './bytes.js';

/** One way in which a secret can appear in bytes. */
export interface SecretForm {
  /** For example `raw`, `base64+1`, `percent-full`. */
  readonly encoding: string;
  readonly bytes: Uint8Array;
}

type ByteMap = (byte: number) => string;
const hex = (byte: number) => byte.toString(16).padStart(2, '0');
const HEX = (byte: number) => hex(byte).toUpperCase();
const character = (byte: number) => String.fromCharCode(byte);
const keep = (kept: RegExp, encode: ByteMap): ByteMap => {
  return (byte) => (byte < 0x80 && kept.test(character(byte)) ? character(byte) : encode(byte));
};
const HTML_NAMES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const JSON_SHORT: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\' };

/** Encodings that treat every byte by itself. A text of it is the texts of its bytes, one after the other. */
const PER_BYTE: Readonly<Record<string, ByteMap>> = {
  'hex-lower': hex,
  'hex-upper': HEX,
  'hex-escape-lower': (byte) => `\\x${hex(byte)}`,
  'hex-escape-upper': (byte) => `\\x${HEX(byte)}`,
  'hex-colon-lower': (byte) => `${hex(byte)}:`,
  'hex-space-lower': (byte) => `${hex(byte)} `,
  'percent-rfc3986-upper': keep(/[A-Za-z0-9._~-]/, (byte) => `%${HEX(byte)}`),
  'percent-rfc3986-lower': keep(/[A-Za-z0-9._~-]/, (byte) => `%${hex(byte)}`),
  'percent-component': keep(/[A-Za-z0-9._~!'()*-]/, (byte) => `%${HEX(byte)}`),
  'percent-form': keep(/[A-Za-z0-9._*-]/, (byte) => (byte === 0x20 ? '+' : `%${HEX(byte)}`)),
  'percent-uri': keep(/[A-Za-z0-9._~!'()*;,/?:@&=+$#-]/, (byte) => `%${HEX(byte)}`),
  'percent-full-upper': (byte) => `%${HEX(byte)}`,
  'percent-full-lower': (byte) => `%${hex(byte)}`,
  'percent-twice': keep(/[A-Za-z0-9._~-]/, (byte) => `%25${HEX(byte)}`),
  'percent-full-twice': (byte) => `%25${HEX(byte)}`,
  json: (byte) => JSON_SHORT[character(byte)] ?? character(byte),
  'json-slash': (byte) => JSON_SHORT[character(byte)] ?? (byte === 0x2f ? '\\/' : character(byte)),
  'json-html-safe': (byte) =>
    JSON_SHORT[character(byte)] ?? (/[&<>]/.test(character(byte)) ? `\\u00${hex(byte)}` : character(byte)),
  'json-unicode-lower': (byte) => `\\u00${hex(byte)}`,
  'json-unicode-upper': (byte) => `\\u00${HEX(byte)}`,
  'json-twice': (byte) => ({ '"': '\\\\\\"', '\\': '\\\\\\\\' })[character(byte)] ?? character(byte),
  html: (byte) => HTML_NAMES[character(byte)] ?? (byte === 0x27 ? '&#39;' : character(byte)),
  'html-decimal': (byte) => `&#${byte};`,
  'html-hex-lower': (byte) => `&#x${hex(byte)};`,
  'html-hex-upper': (byte) => `&#x${HEX(byte)};`,
  'quoted-printable': (byte) => (byte === 0x3d ? '=3D' : character(byte)),
  'quoted-printable-full': (byte) => `=${HEX(byte)}`,
  octal: (byte) => `\\${byte.toString(8).padStart(3, '0')}`,
  'decimal-list': (byte) => `${byte},`,
};

/** The first and the last byte's own separators are not part of a form: whoever joins bytes leaves one out. */
const TRAILING_SEPARATOR = /^(hex-colon|hex-space|decimal-list)/;

/**
 * Byte patterns of a secret as it may come back in a response or lie in a file: raw, UTF-16, base64 in its three
 * alignments (only the characters that the secret alone determines, so that `user:<secret>` is found too), base64url,
 * hex, percent, JSON, HTML and quoted-printable escapes. No pattern is in the list twice. Compressed, wrapped over
 * lines or partly percent-encoded copies are for a decoder to undo first.
 */
export function secretForms(secret: Uint8Array): readonly SecretForm[] {
  const forms: SecretForm[] = [
    { encoding: 'raw', bytes: new Uint8Array(secret) },
    { encoding: 'utf-16le', bytes: widened(secret, 0) },
    { encoding: 'utf-16be', bytes: widened(secret, 1) },
  ];
  for (const shift of [0, 1, 2]) {
    forms.push({ encoding: `base64+${shift}`, bytes: alignedBase64(secret, shift, BASE64) });
    forms.push({ encoding: `base64url+${shift}`, bytes: alignedBase64(secret, shift, BASE64_URL) });
  }
  for (const { encoding, offsets, flat, separated } of BYTE_TABLES) {
    forms.push({ encoding, bytes: encodeEach(secret, { offsets, flat, separated }) });
  }
  return unique(forms);
}

/** The code of each byte, one after the other, with where it begins. */
export interface ByteTable {
  readonly offsets: Uint16Array;
  readonly flat: Uint8Array;
  readonly separated: boolean;
}

/** Every encoding that treats each byte by itself. */
export const BYTE_TABLES: readonly (ByteTable & { readonly encoding: string })[] = Object.entries(PER_BYTE).map(
  ([encoding, encode]) => {
    const codes = Array.from({ length: 256 }, (_, byte) => {
      const text = encode(byte);
      return text === character(byte) ? Uint8Array.of(byte) : utf8(text);
    });
    const offsets = new Uint16Array(257);
    for (const [byte, code] of codes.entries()) offsets[byte + 1] = (offsets[byte] ?? 0) + code.length;
    return { encoding, offsets, flat: concatBytes(...codes), separated: TRAILING_SEPARATOR.test(encoding) };
  },
);

function encodeEach(secret: Uint8Array, { offsets, flat, separated }: ByteTable): Uint8Array {
  let length = separated && secret.length > 0 ? -1 : 0;
  for (const byte of secret) length += (offsets[byte + 1] ?? 0) - (offsets[byte] ?? 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const byte of secret) {
    const end = offsets[byte + 1] ?? 0;
    for (let from = offsets[byte] ?? 0; from < end && at < length; from++) bytes[at++] = flat[from] ?? 0;
  }
  return bytes;
}

export const BASE64 = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
export const BASE64_URL = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

/** The characters of base64(prefix ‖ secret ‖ suffix), |prefix| = shift (mod 3), that no prefix or suffix changes. */
function alignedBase64(secret: Uint8Array, shift: number, alphabet: Uint8Array): Uint8Array {
  const first = Math.ceil((shift * 8) / 6);
  const end = Math.floor(((shift + secret.length) * 8) / 6);
  const bytes = new Uint8Array(end - first);
  for (let i = 0; i < bytes.length; i++) {
    const bit = (first + i) * 6 - shift * 8;
    const pair = ((secret[bit >> 3] ?? 0) << 8) | (secret[(bit >> 3) + 1] ?? 0);
    bytes[i] = alphabet[(pair >> (10 - (bit & 7))) & 63] ?? 0;
  }
  return bytes;
}

/** UTF-16: every byte with a zero beside it, which stands first or second. */
function widened(secret: Uint8Array, at: 0 | 1): Uint8Array {
  const bytes = new Uint8Array(secret.length * 2);
  for (let i = 0; i < secret.length; i++) bytes[i * 2 + at] = secret[i] ?? 0;
  return bytes;
}

function unique(forms: readonly SecretForm[]): readonly SecretForm[] {
  const kept: SecretForm[] = [];
  for (const form of forms) {
    if (form.bytes.length > 0 && !kept.some(({ bytes }) => same(bytes, form.bytes))) kept.push(form);
  }
  return kept;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
