/** A stretch of bytes: from `start` up to, not with, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const SLOTS = 4_096;
const slot = (first: number, second: number): number => ((first << 5) ^ second) & (SLOTS - 1);

/**
 * Finds many byte patterns at once (Wu and Manber 1994, blocks of two bytes): a block that no pattern begins with lets the
 * search jump, so that a body is looked at about once every `shortest` bytes.
 */
export class PatternSet {
  readonly longest: number;
  readonly #shortest: number;
  readonly #shifts: Uint8Array;
  /** By slot of the last block of the window: first pattern, and from each pattern the next one. */
  readonly #first = new Int16Array(SLOTS).fill(-1);
  readonly #next: Int16Array;
  readonly #firstBytes = new Uint8Array(256);

  /** Patterns of two bytes or more, which it takes over: `zero` overwrites them. */
  constructor(private readonly patterns: readonly Uint8Array[]) {
    const lengths = patterns.map(({ length }) => length);
    this.longest = Math.max(...lengths);
    this.#shortest = Math.min(...lengths, 255);
    if (this.#shortest < 2) throw new RangeError('a pattern is too short to look for');
    this.#shifts = new Uint8Array(SLOTS).fill(this.#shortest - 1);
    this.#next = new Int16Array(patterns.length).fill(-1);
    for (const [index, pattern] of patterns.entries()) this.#index(pattern, index);
  }

  /** Every occurrence that is whole, in order of its end of window; they may overlap. */
  find(bytes: Uint8Array): Span[] {
    const spans: Span[] = [];
    const shifts = this.#shifts;
    for (let at = this.#shortest - 1; at < bytes.length;) {
      const key = slot(bytes[at - 1] ?? 0, bytes[at] ?? 0);
      const shift = shifts[key] ?? 1;
      if (shift > 0) {
        at += shift;
        continue;
      }
      this.#matchAt(bytes, at - this.#shortest + 1, key, spans);
      at += 1;
    }
    return spans;
  }

  /** Where the longest end of the bytes begins that is a true beginning of some pattern; the length when none is. */
  openFrom(bytes: Uint8Array): number {
    for (let at = Math.max(0, bytes.length - this.longest + 1); at < bytes.length; at++) {
      if (this.#firstBytes[bytes[at] ?? 0] === 0) continue;
      for (const pattern of this.patterns) {
        if (pattern.length > bytes.length - at && agrees(bytes, at, pattern, bytes.length - at)) return at;
      }
    }
    return bytes.length;
  }

  zero(): void {
    for (const pattern of this.patterns) pattern.fill(0);
    this.#shifts.fill(0);
    this.#first.fill(-1);
    this.#firstBytes.fill(0);
  }

  #index(pattern: Uint8Array, index: number): void {
    const last = this.#shortest - 1;
    for (let at = 1; at <= last; at++) {
      const key = slot(pattern[at - 1] ?? 0, pattern[at] ?? 0);
      this.#shifts[key] = Math.min(this.#shifts[key] ?? 0, last - at);
    }
    const key = slot(pattern[last - 1] ?? 0, pattern[last] ?? 0);
    this.#next[index] = this.#first[key] ?? -1;
    this.#first[key] = index;
    this.#firstBytes[pattern[0] ?? 0] = 1;
  }

  #matchAt(bytes: Uint8Array, start: number, key: number, spans: Span[]): void {
    for (let index = this.#first[key] ?? -1; index >= 0; index = this.#next[index] ?? -1) {
      const pattern = this.patterns[index];
      if (pattern === undefined || start + pattern.length > bytes.length) continue;
      if (agrees(bytes, start, pattern, pattern.length)) spans.push({ start, end: start + pattern.length });
    }
  }
}

function agrees(bytes: Uint8Array, at: number, pattern: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== pattern[i]) return false;
  return true;
}
