import { secretForms, type Secret } from '@aileron/vault';
import { BEGINNING_BYTES, BeginningSet } from './beginning-set.js';
import { PatternSet, type Span } from './pattern-set.js';

const MASK = 0x2a;
const NOTHING: Buffer = Buffer.alloc(0);
const NOWHERE: readonly Span[] = [];

/**
 * Masks a secret in what an upstream answers, in every encoding that `secretForms` knows and at whatever place a chunk
 * ends. Each byte of an occurrence becomes `*`: lengths stay, so Content-Length and the framing of what holds it do too.
 * Bytes are held back only while they are the beginning of a form, at most one byte fewer than the longest form: an event
 * that ends in a line end passes at once.
 *
 * All forms of a long secret take 80 µs to write down; the beginning of each takes 3, and nearly no answer has even that.
 * So it looks for the beginnings, and for the whole from the first time that it finds one.
 */
export class SecretScrubber {
  #beginnings: BeginningSet | null = null;
  #whole: PatternSet | null = null;
  #held: Buffer = NOTHING;
  /** So many first bytes of `#held` belong to an occurrence whose beginning has left. */
  #maskHeld = 0;
  #found = 0;

  /** The secret has to stay readable until `zero`. */
  constructor(private readonly secret: Secret) {
    const bytes = secret.expose();
    if (bytes.length > BEGINNING_BYTES) this.#beginnings = BeginningSet.take(bytes);
    else this.#whole = patternsOf(bytes);
  }

  /** Bytes masked so far. */
  get maskedBytes(): number {
    return this.#found;
  }

  /** What may leave now. It may overwrite the chunk. */
  push(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const spans = this.#find(bytes);
    const open = (this.#whole ?? this.#beginnings)?.openFrom(bytes) ?? bytes.length;
    const held = open === bytes.length ? NOTHING : Buffer.from(bytes.subarray(open));
    const ready = bytes.subarray(0, open);
    this.#mask(ready, spans);
    this.#held = held;
    this.#maskHeld = Math.max(0, this.#maskHeld - open);
    for (const { start, end } of spans) if (start < open) this.#maskHeld = Math.max(this.#maskHeld, end - open);
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
    this.#forgetBeginnings();
    this.#whole?.zero();
    this.#whole = null;
    this.#held.fill(0);
  }

  #forgetBeginnings(): void {
    this.#beginnings?.release();
    this.#beginnings = null;
  }

  #find(bytes: Buffer): readonly Span[] {
    if (this.#beginnings !== null) {
      if (!this.#beginnings.isIn(bytes)) return NOWHERE;
      this.#forgetBeginnings();
      this.#whole = patternsOf(this.secret.expose());
    }
    return this.#whole?.find(bytes) ?? NOWHERE;
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
