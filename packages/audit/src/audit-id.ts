const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** The two characters of each ten bits. */
const PAIRS = Array.from({ length: 1_024 }, (_, bits) => ALPHABET.charAt(bits >> 5) + ALPHABET.charAt(bits & 31));

/** An id of 80 bits from 10 random bytes: `aud_` and 16 characters of Crockford's base32. */
export function auditId(random: Uint8Array): string {
  if (random.length !== 10) throw new RangeError('an audit id is made of 10 random bytes');
  let id = 'aud_';
  let held = 0;
  let bits = 0;
  for (const byte of random) {
    held = ((held << 8) | byte) & 0x3ffff;
    bits += 8;
    if (bits < 10) continue;
    bits -= 10;
    id += PAIRS[(held >> bits) & 1_023] ?? '';
  }
  return id;
}
