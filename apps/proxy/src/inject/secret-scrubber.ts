import { secretForms, type Secret } from '@aileron/vault';
import { PatternSet, type Span } from './pattern-set.js';

const MASK = 0x2a;
const NOTHING: Buffer = Buffer.alloc(0);
/** All forms of a long secret take 80 µs to write down; those of its beginning 15, and nearly no answer has even that. */
const BEGINNING_BYTES = 16;

/**
 * Masks a secret in what an upstream answers, in every encoding that `secretForms` knows and at whatever place a chunk
 * ends. Each byte of an occurrence becomes `*`: lengths stay, so Content-Length and the framing of what holds it do too.
 * Bytes are held back only while they are the beginning of a form, at most one byte fewer than the longest form: an event
 * that ends in a line end passes at once.
 *
 * It looks for the forms of the secret's beginning (each is the beginning of a form of the whole), and for the whole from
 * the first time that it finds one.
 */
export class SecretScrubber {
  #patterns: PatternSet;
  #whole: boolean;
  #held: Buffer = NOTHING;
  /** So many first bytes of `#held` belong to an occurrence whose beginning has left. */
  #maskHeld = 0;
  #found = 0;

  /** The secret has to stay readable until `zero`. */
  constructor(private readonly secret: Secret) {
    this.#whole = secret.length <= BEGINNING_BYTES;
    this.#patterns = patternsOf(secret.expose().subarray(0, BEGINNING_BYTES));
  }

  /** Bytes masked so far. */
  get maskedBytes(): number {
    return this.#found;
  }

  /** What may leave now. It may overwrite the chunk. */
  push(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const spans = this.#find(bytes);
    const open = this.#patterns.openFrom(bytes);
    const held = open === bytes.length ? NOTHING : Buffer.from(bytes.subarray(open));
    const ready = bytes.subarray(0, open);
    this.#mask(ready, spans);
    this.#held = held;
    this.#maskHeld = Math.max(
      0,
      this.#maskHeld - open,
      ...spans.map(({ start, end }) => (start < open ? end - open : 0)),
    );
    return ready;
  }

  /** What was held back, once nothing more comes. */
  flush(): Buffer {
    const rest = this.#held;
    if (rest.length > 0) this.#mask(rest, this.#find(rest));
    this.#held = NOTHING;
    this.#maskHeld = 0;
    return rest;
  }

  /** Masks a whole message part in place, for example a head. */
  scrub(bytes: Buffer): void {
    this.#fill(bytes, this.#find(bytes));
  }

  /** Overwrites the patterns. Nothing can be scrubbed afterwards: whatever is pushed would pass. */
  zero(): void {
    this.#patterns.zero();
    this.#held.fill(0);
  }

  #find(bytes: Buffer): readonly Span[] {
    const spans = this.#patterns.find(bytes);
    if (this.#whole || spans.length === 0) return spans;
    this.#patterns.zero();
    this.#patterns = patternsOf(this.secret.expose());
    this.#whole = true;
    return this.#patterns.find(bytes);
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

function patternsOf(secret: Uint8Array): PatternSet {
  return new PatternSet(secretForms(secret).map(({ bytes }) => bytes));
}
