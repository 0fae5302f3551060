import { AileronError } from '@aileron/errors';
import { concatBytes, utf8 } from './bytes.js';
import { Secret } from './secret.js';
import { sha256 } from './sha256.js';
import { randomBytes } from './web-crypto.js';

/** Crockford's base32: no I, L, O or U (https://www.crockford.com/base32.html). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ENTROPY_BYTES = 25;
const CHECK_CHARACTERS = 4;
const BODY_CHARACTERS = (ENTROPY_BYTES * 8) / 5;

/** 200 random bits and a 20-bit checksum in eleven groups of four, `AILERON-XXXX-XXXX-…`, to print and lock away. */
export async function generateRecoveryKit(): Promise<string> {
  const entropy = randomBytes(ENTROPY_BYTES);
  const text = base32(entropy) + (await checksum(entropy));
  entropy.fill(0);
  return `AILERON-${text.match(/.{4}/g)?.join('-') ?? ''}`;
}

/**
 * The 32-byte key of a kit as a person types it: case, spaces and hyphens do not matter, O is 0, I and L are 1.
 * A slip of the finger fails the checksum: INVALID_ARGUMENT on `recoveryKit`.
 */
export async function recoveryKeyOf(recoveryKit: string): Promise<Secret> {
  if (recoveryKit.length > 200) throw mistyped();
  const typed = recoveryKit
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replace(/^AILER[O0]N/, '');
  const text = typed.replaceAll('O', '0').replace(/[IL]/g, '1');
  const entropy = fromBase32(text.slice(0, BODY_CHARACTERS));
  if (text.length !== BODY_CHARACTERS + CHECK_CHARACTERS || entropy === null) throw mistyped();
  if ((await checksum(entropy)) !== text.slice(BODY_CHARACTERS)) throw mistyped();
  const key = Secret.fromBytes(await sha256(concatBytes(utf8('aileron/recovery-key/1 '), entropy)));
  entropy.fill(0);
  return key;
}

async function checksum(entropy: Uint8Array): Promise<string> {
  const digest = await sha256(concatBytes(utf8('aileron/recovery-checksum/1 '), entropy));
  return base32(digest.subarray(0, 5)).slice(0, CHECK_CHARACTERS);
}

/** Length must be a multiple of five bytes: no padding is then needed. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
  }
  return text;
}

function fromBase32(text: string): Uint8Array | null {
  const bytes = new Uint8Array(ENTROPY_BYTES);
  let held = 0;
  let bits = 0;
  let offset = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xffff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[offset++] = (held >> bits) & 0xff;
    }
  }
  return bytes;
}

const mistyped = () =>
  new AileronError('INVALID_ARGUMENT', {
    fields: [{ field: 'recoveryKit', message: 'has a typing mistake: its checksum does not match' }],
  });
