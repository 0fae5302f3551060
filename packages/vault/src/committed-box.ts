import { type BoxCipher, type BoxKey } from './box-cipher.js';
import { canonicalJson, type JsonValue } from './canonical-json.js';
import { concatBytes, equalBytes, utf8 } from './bytes.js';
import { type Secret } from './secret.js';
import { sha256 } from './sha256.js';
import { randomBytes, subtle, type WebCryptoKey } from './web-crypto.js';

/** What a box is for. A box made for one purpose does not open for another. */
export type BoxPurpose = 'user-private-key' | 'recovered-private-key' | 'credential' | 'session-state';

/** `malformed`: not a box. `key`: another key or context sealed it. `content`: this key sealed it and it was changed. */
export type BoxFailure = 'malformed' | 'key' | 'content';

const VERSION = 1;
const SALT = 32;
const COMMITMENT = 32;
const NONCE = 12;
const HEADER = 1 + SALT + COMMITMENT;
const TAG = 16;

/**
 * AES-256-GCM that commits to its key: `version(1) ‖ salt(32) ‖ commitment(32) ‖ nonce(12) ‖ ciphertext ‖ tag(16)`.
 * HKDF-SHA256(key, salt, purpose, SHA-256(context)) gives a fresh AES key and the commitment, so no two messages share
 * a key and nonce, and one ciphertext cannot be opened to two plaintexts by two keys ("invisible salamanders",
 * https://eprint.iacr.org/2019/016). The context is authenticated and not stored.
 */
export async function sealBox(input: {
  key: Secret;
  purpose: BoxPurpose;
  context: JsonValue;
  plaintext: Uint8Array;
}): Promise<Uint8Array<ArrayBuffer>> {
  const salt = randomBytes(SALT);
  const context = canonicalJson(input.context);
  const { aesKey: bytes, commitment } = await deriveKeys({ key: input.key, purpose: input.purpose, salt, context });
  const header = concatBytes(Uint8Array.of(VERSION), salt, commitment);
  const iv = randomBytes(NONCE);
  const parameters = { name: 'AES-GCM', iv, additionalData: concatBytes(header, context) };
  const aesKey = await importAesKey(bytes, 'encrypt');
  const ciphertext = await subtle.encrypt(parameters, aesKey, input.plaintext as Uint8Array<ArrayBuffer>);
  return concatBytes(header, iv, new Uint8Array(ciphertext));
}

export async function openBox(input: BoxToOpen): Promise<OpenedBox> {
  const prepared = await prepareBox(input);
  return 'failure' in prepared ? prepared : await prepared.open();
}

export interface BoxToOpen {
  readonly key: Secret;
  readonly purpose: BoxPurpose;
  readonly context: JsonValue;
  readonly box: Uint8Array;
  /** WebCrypto where there is none. */
  readonly cipher?: BoxCipher | undefined;
}
export type OpenedBox = { readonly plaintext: Uint8Array } | { readonly failure: BoxFailure };

/** A box whose key was derived and whose commitment was checked: opening it again is one AES-GCM operation. */
export interface PreparedBox {
  open(): OpenedBox | Promise<OpenedBox>;
}

export async function prepareBox(input: BoxToOpen): Promise<PreparedBox | { readonly failure: BoxFailure }> {
  // A copy of its own, and not the caller's Buffer, whose slices share its memory.
  const box = new Uint8Array(input.box);
  if (box.length < HEADER + NONCE + TAG || box[0] !== VERSION) return { failure: 'malformed' };
  const context = canonicalJson(input.context);
  const header = box.subarray(0, HEADER);
  const salt = box.slice(1, 1 + SALT);
  const { aesKey, commitment } = await deriveKeys({ key: input.key, purpose: input.purpose, salt, context });
  if (!equalBytes(commitment, header.subarray(1 + SALT))) {
    aesKey.fill(0);
    return { failure: 'key' };
  }
  const iv = box.slice(HEADER, HEADER + NONCE);
  const sealed = { iv, additionalData: concatBytes(header, context), ciphertext: box.slice(HEADER + NONCE) };
  return input.cipher === undefined
    ? preparedByWebCrypto(await importAesKey(aesKey, 'decrypt'), sealed)
    : preparedByCipher(importBoxKey(input.cipher, aesKey), sealed);
}

interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly additionalData: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

function preparedByWebCrypto(key: WebCryptoKey, { iv, additionalData, ciphertext }: Sealed): PreparedBox {
  return {
    open: async () => {
      try {
        const plaintext = await subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, ciphertext);
        return { plaintext: new Uint8Array(plaintext) };
      } catch {
        return { failure: 'content' };
      }
    },
  };
}

function preparedByCipher(key: BoxKey, sealed: Sealed): PreparedBox {
  return {
    open: () => {
      const plaintext = key.open(sealed);
      return plaintext === null ? { failure: 'content' } : { plaintext };
    },
  };
}

function importBoxKey(cipher: BoxCipher, bytes: Uint8Array): BoxKey {
  try {
    return cipher.importKey(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** A handle that cannot be exported; the bytes are overwritten. */
async function importAesKey(bytes: Uint8Array<ArrayBuffer>, use: 'encrypt' | 'decrypt'): Promise<WebCryptoKey> {
  try {
    return await subtle.importKey('raw', bytes, 'AES-GCM', false, [use]);
  } finally {
    bytes.fill(0);
  }
}

/** The caller overwrites `aesKey`. */
async function deriveKeys(input: { key: Secret; purpose: BoxPurpose; salt: Uint8Array; context: Uint8Array }) {
  const material = input.key.expose() as Uint8Array<ArrayBuffer>;
  if (material.length !== 32) throw new TypeError('a box key has 32 bytes');
  const base = await subtle.importKey('raw', material, 'HKDF', false, ['deriveBits']);
  const info = concatBytes(utf8(`aileron/box/1 ${input.purpose} `), await sha256(input.context));
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: input.salt as Uint8Array<ArrayBuffer>, info };
  const bits = new Uint8Array(await subtle.deriveBits(parameters, base, 512));
  const [aesKey, commitment] = [bits.slice(0, 32), bits.slice(32)];
  bits.fill(0);
  return { aesKey, commitment };
}
