import { AileronError } from '@aileron/errors';
import { textOf, utf8 } from './bytes.js';

const HIDDEN = '[secret]';

/**
 * Bytes that no log, template string, JSON or inspector prints. It owns its bytes: whoever makes one from an array
 * hands the array over, and `zero()` overwrites that array.
 */
export class Secret {
  #bytes: Uint8Array;
  #zeroed = false;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Takes the array over (no copy), so that `zero()` leaves no second one behind. */
  static fromBytes(bytes: Uint8Array): Secret {
    return new Secret(bytes);
  }

  /** The UTF-8 form of a text. The text itself cannot be overwritten: prefer bytes where there is a choice. */
  static fromString(text: string): Secret {
    return new Secret(utf8(text));
  }

  /** The live bytes, not a copy. Throws after `zero()`, so that a used-up secret is never sent as zeros. */
  expose(): Uint8Array {
    if (this.#zeroed)
      throw new AileronError('INTERNAL', {}, { cause: new Error('a secret was used after it was zeroed') });
    return this.#bytes;
  }

  /** The bytes as UTF-8 text, for libraries that take nothing else. The text cannot be overwritten. */
  exposeString(): string {
    return textOf(this.expose());
  }

  /** A secret with bytes of its own. */
  copy(): Secret {
    // Not slice(): that of a Buffer shares its memory.
    return new Secret(new Uint8Array(this.expose()));
  }

  /** Overwrites the bytes. May be called twice. */
  zero(): void {
    this.#bytes.fill(0);
    this.#zeroed = true;
  }

  /** Bytes; known after `zero()` too. */
  get length(): number {
    return this.#bytes.length;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN;
  }

  /** What `util.inspect` and `console.log` show in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN;
  }
}
