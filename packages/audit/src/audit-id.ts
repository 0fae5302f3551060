const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** An id of 80 bits from 10 random bytes: `aud_` and 16 characters of Crockford's base32. */
export function auditId(random: Uint8Array): string {
  if (random.length !== 10) throw new RangeError('an audit id is made of 10 random bytes');
  const codes = [0x61, 0x75, 0x64, 0x5f];
  let held = 0;
  let bits = 0;
  for (const byte of random) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      codes.push(ALPHABET.charCodeAt((held >> bits) & 31));
    }
  }
  return String.fromCharCode(...codes);
}
