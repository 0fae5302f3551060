import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../record/sha256.js';

const NOBODYS = randomBytes(32);

/** Finds what an agent's token opens, by the token's SHA-256: the tokens themselves are nowhere. */
export class TokenIndex<T> {
  readonly #entries = new Map<string, { readonly digest: Uint8Array; readonly value: T }>();

  add(digest: Uint8Array, value: T): void {
    this.#entries.set(keyOf(digest), { digest, value });
  }

  remove(digest: Uint8Array): void {
    this.#entries.delete(keyOf(digest));
  }

  /** Hashed before it is looked up, and compared whether or not it is found: time says nothing of the tokens there are. */
  find(token: string): T | null {
    const given = sha256(Buffer.from(token, 'utf8'));
    const entry = this.#entries.get(keyOf(given));
    const expected = entry?.digest ?? NOBODYS;
    return expected.length === given.length && timingSafeEqual(expected, given) ? (entry?.value ?? null) : null;
  }
}

const keyOf = (digest: Uint8Array): string => Buffer.from(digest).toString('base64');
