import { secretForms, type Secret } from '@aileron/vault';
import { PatternSet, type Span } from './pattern-set.js';

const MASK = 0x2a;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Masks a secret in what an upstream answers, in every encoding that `secretForms` knows and at whatever place a chunk
 * ends. Each byte of an occurrence becomes `*`: lengths stay, so Content-Length and the framing of what holds it do too.
 * Bytes are held back only while they are the beginning of a form, at most one byte fewer than the longest form: an event
 * that ends in a line end passes at once.
 */
export class SecretScrubber {
  readonly #patterns: PatternSet;
  #held: Buffer = NOTHING;
  /** So many first bytes of `#held` belong to an occurrence whose beginning has left. */
  #maskHeld = 0;
  #found = 0;

  constructor(secret: Secret) {
    this.#patterns = new PatternSet(secretForms(secret.expose()).map(({ bytes }) => bytes));
  }

  /** Bytes masked so far. */
  get maskedBytes(): number {
    return this.#found;
  }

  /** What may leave now. It may overwrite the chunk. */
  push(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const spans = this.#patterns.find(bytes);
    const open = this.#patterns.openFrom(bytes);
    const held = open === bytes.length ? NOTHING : Buffer.from(bytes.subarray(open));
    const ready = bytes.subarray(0, open);
    this.#mask(ready, spans);
    this.#held = held;
    this.#maskHeld = Math.max(0, this.#maskHeld - open, ...spans.map(({ start, end }) => (start < open ? end - open : 0)));
    return ready;
  }

  /** What was held back, once nothing more comes. */
  flush(): Buffer {
    const rest = this.#held;
    if (rest.length > 0) this.#mask(rest, this.#patterns.find(rest));
    this.#held = NOTHING;
    this.#maskHeld = 0;
    return rest;
  }

  /** Masks a whole message part in place, for example a head. */
  scrub(bytes: Buffer): void {
    this.#fill(bytes, this.#patterns.find(bytes));
  }

  /** Overwrites the patterns. Nothing can be scrubbed afterwards: whatever is pushed would pass. */
  zero(): void {
    this.#patterns.zero();
    this.#held.fill(0);
  }

  #mask(bytes: Buffer, spans: readonly Span[]): void {
    if (this.#maskHeld > 0) bytes.fill(MASK, 0, Math.min(this.#maskHeld, bytes.length));
    this.#fill(bytes, spans);
  }

  #fill(bytes: Buffer, spans: readonly Span[]): void {
    for (const { start, end } of spans) {
      if (start >= bytes.length) continue;
      bytes.fill(MASK, start, Math.min(end, bytes.length));
      this.#found += end - start;
    }
  }
}
