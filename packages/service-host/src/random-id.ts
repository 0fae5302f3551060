import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHARACTERS = 22;

/** `<prefix>_` and 131 random bits in base 62. */
export function randomId(prefix: string): string {
  let text = '';
  while (text.length < CHARACTERS) {
    for (const byte of randomBytes(32)) {
      // 248 = 4 × 62: above it, some letters would come more often.
      if (byte < 248 && text.length < CHARACTERS) text += ALPHABET[byte % 62];
    }
  }
  return `${prefix}_${text}`;
}
