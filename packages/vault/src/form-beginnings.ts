import { BASE64, BASE64_URL, BYTE_TABLES, type ByteTable } from './secret-forms.js';

const SHIFTS = [0, 1, 2];
const WIDTHS = [0, 1] as const;

/** By byte, a bit for each table whose code for it is the byte itself. */
const KEPT_BY = Uint32Array.from({ length: 256 }, (_, byte) => {
  let tables = 0;
  for (const [table, { offsets, flat }] of BYTE_TABLES.entries()) {
    const start = offsets[byte] ?? 0;
    if ((offsets[byte + 1] ?? 0) === start + 1 && flat[start] === byte) tables |= 1 << table;
  }
  return tables;
});

/** Those whose form begins as the secret itself does: nearly all secrets are letters and digits, which most keep. */
function tablesThatKeep(secret: Uint8Array, length: number): number {
  let tables = ~0;
  for (let i = 0; i < length; i++) tables &= KEPT_BY[secret[i] ?? 0] ?? 0;
  return tables;
}

/** How many there are at most. */
export const MOST_BEGINNINGS = 1 + WIDTHS.length + 2 * SHIFTS.length + BYTE_TABLES.length;

/**
 * The first `length` bytes of every form of a secret (`secretForms`), one after the other into `into`; of those that are
 * the same as the plain one, only that. It makes nothing that would have to be overwritten beside them.
 * @returns how many there are
 */
export function writeBeginnings(secret: Uint8Array, length: number, into: Uint8Array): number {
  if (secret.length <= length || into.length < MOST_BEGINNINGS * length)
    throw new RangeError('the secret is too short');
  for (let i = 0; i < length; i++) into[i] = secret[i] ?? 0;
  let count = 1;
  const keep = (differs: boolean): void => void (count += differs ? 1 : 0);
  for (const at of WIDTHS) keep(writeWidened(secret, at, into, count * length, length));
  for (const shift of SHIFTS) {
    keep(writeBase64(secret, { shift, alphabet: BASE64 }, into, count * length, length));
    keep(writeBase64(secret, { shift, alphabet: BASE64_URL }, into, count * length, length));
  }
  const same = tablesThatKeep(secret, length);
  for (let table = 0; table < BYTE_TABLES.length; table++) {
    const codes = BYTE_TABLES[table];
    if (codes === undefined || (same & (1 << table)) !== 0) continue;
    keep(writeEncoded(secret, codes, into, count * length, length));
  }
  return count;
}

/** Whether what was written differs from the plain beginning, which is the first. */
function writeEncoded(
  secret: Uint8Array,
  { offsets, flat }: ByteTable,
  into: Uint8Array,
  start: number,
  length: number,
): boolean {
  let differs = false;
  let at = 0;
  for (let i = 0; at < length; i++) {
    const byte = secret[i] ?? 0;
    const end = offsets[byte + 1] ?? 0;
    for (let from = offsets[byte] ?? 0; from < end && at < length; from++, at++) {
      const code = flat[from] ?? 0;
      into[start + at] = code;
      if (code !== into[at]) differs = true;
    }
  }
  return differs;
}

function writeBase64(
  secret: Uint8Array,
  { shift, alphabet }: { shift: number; alphabet: Uint8Array },
  into: Uint8Array,
  start: number,
  length: number,
): boolean {
  const first = Math.ceil((shift * 8) / 6);
  let special = alphabet === BASE64;
  for (let i = 0; i < length; i++) {
    const bit = (first + i) * 6 - shift * 8;
    const pair = ((secret[bit >> 3] ?? 0) << 8) | (secret[(bit >> 3) + 1] ?? 0);
    const index = (pair >> (10 - (bit & 7))) & 63;
    into[start + i] = alphabet[index] ?? 0;
    if (index >= 62) special = true;
  }
  // The two alphabets differ in their last two characters alone.
  return special;
}

function writeWidened(secret: Uint8Array, at: 0 | 1, into: Uint8Array, start: number, length: number): boolean {
  for (let i = 0; i < length; i++) into[start + i] = (i & 1) === at ? (secret[i >> 1] ?? 0) : 0;
  return true;
}
