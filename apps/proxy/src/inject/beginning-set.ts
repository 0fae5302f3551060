import { MOST_BEGINNINGS, writeBeginnings } from '@aileron/vault';

/** Long enough that nearly no answer has one; of a shorter secret all forms are looked for at once. */
export const BEGINNING_BYTES = 12;

const SLOTS = 2_048;
const slot = (first: number, second: number): number => ((first << 5) ^ second) & (SLOTS - 1);
const MOST_SPARE = 64;
const spare: BeginningSet[] = [];

/**
 * Whether bytes hold the beginning of a form of a secret (Wu and Manber 1994, blocks of two bytes, patterns of one length).
 * Every call has one, so they are used again: overwritten by `release`, filled anew by `take`.
 */
export class BeginningSet {
  readonly #patterns = new Uint8Array(MOST_BEGINNINGS * BEGINNING_BYTES);
  #count = 0;
  readonly #shifts = new Uint8Array(SLOTS);
  /** By slot of the last block of a pattern: the first such pattern, one up; and from each pattern the next one. */
  readonly #first = new Uint8Array(SLOTS);
  readonly #next = new Uint8Array(MOST_BEGINNINGS + 1);
  readonly #firstBytes = new Uint8Array(256);

  /** Of a secret longer than BEGINNING_BYTES. */
  static take(secret: Uint8Array): BeginningSet {
    const set = spare.pop() ?? new BeginningSet();
    set.#fill(secret);
    return set;
  }

  /** Overwrites it. It must not be used afterwards. */
  release(): void {
    this.#patterns.fill(0);
    this.#count = 0;
    this.#first.fill(0);
    this.#firstBytes.fill(0);
    if (spare.length < MOST_SPARE) spare.push(this);
  }

  isIn(bytes: Uint8Array): boolean {
    const shifts = this.#shifts;
    const last = BEGINNING_BYTES - 1;
    for (let at = last; at < bytes.length;) {
      const key = slot(bytes[at - 1] ?? 0, bytes[at] ?? 0);
      const shift = shifts[key] ?? 1;
      if (shift > 0) {
        at += shift;
        continue;
      }
      for (let index = this.#first[key] ?? 0; index > 0; index = this.#next[index] ?? 0) {
        if (this.#agrees(bytes, at - last, (index - 1) * BEGINNING_BYTES, BEGINNING_BYTES)) return true;
      }
      at += 1;
    }
    return false;
  }

  /** Where the longest end of the bytes begins with which a beginning begins; the length when none does. */
  openFrom(bytes: Uint8Array): number {
    for (let at = Math.max(0, bytes.length - BEGINNING_BYTES + 1); at < bytes.length; at++) {
      if (this.#firstBytes[bytes[at] ?? 0] === 0) continue;
      for (let start = 0; start < this.#count * BEGINNING_BYTES; start += BEGINNING_BYTES) {
        if (this.#agrees(bytes, at, start, bytes.length - at)) return at;
      }
    }
    return bytes.length;
  }

  #fill(secret: Uint8Array): void {
    const patterns = this.#patterns;
    const last = BEGINNING_BYTES - 1;
    this.#count = writeBeginnings(secret, BEGINNING_BYTES, patterns);
    this.#shifts.fill(last);
    for (let index = 1; index <= this.#count; index++) {
      const start = (index - 1) * BEGINNING_BYTES;
      this.#firstBytes[patterns[start] ?? 0] = 1;
      for (let at = 1; at <= last; at++) {
        const key = slot(patterns[start + at - 1] ?? 0, patterns[start + at] ?? 0);
        if ((this.#shifts[key] ?? 0) > last - at) this.#shifts[key] = last - at;
        if (at < last) continue;
        this.#next[index] = this.#first[key] ?? 0;
        this.#first[key] = index;
      }
    }
  }

  #agrees(bytes: Uint8Array, at: number, start: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (bytes[at + i] !== this.#patterns[start + i]) return false;
    return true;
  }
}
