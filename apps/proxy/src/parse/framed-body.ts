import { AileronError } from '@aileron/errors';
import { type ByteSource, type ThroughRules } from './byte-source.js';
import { splitHead } from './head-lines.js';

/** How a message says where its body ends (RFC 9112 6.3). `close`: answers only. */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' };

export interface FramedBodyRules {
  /** Longest silence between two pieces; 0: none. */
  readonly idleMs: number;
  /** The error for broken framing. */
  readonly broken: (reason: string) => Error;
  /** The error for a body that ends before its framing says so. */
  readonly cut: () => Error;
}

const MAX_PIECE_BYTES = 65_536;
const MAX_SIZE_LINE_BYTES = 1_024;
/** All extensions of one body together: nobody sends more, and each is work for whoever reads it (CVE-2024-22019). */
const MAX_EXTENSION_BYTES = 16_384;
const MAX_TRAILER_BYTES = 16_384;
const MAX_TRAILER_FIELDS = 64;
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const EXTENSION = `;${TOKEN}(?:=(?:${TOKEN}|"[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*"))?`;
/** A size and extensions without white space, which readers treat differently. */
const SIZE_LINE = new RegExp(`^([0-9A-Fa-f]{1,12})((?:${EXTENSION})*)\r\n$`);
const CRLF = '\r\n';
/** Fields that frame or route (RFC 9110 6.5.1): nothing that comes after the body may say these. */
const NEVER_TRAILERS = new Set(['content-length', 'transfer-encoding', 'host', 'connection', 'trailer']);

/** What of a body comes next. */
type Expected = 'data' | 'chunk-size' | 'chunk-end' | 'trailer' | 'nothing';

/** Takes one body out of a source by its framing, strictly. Trailers are checked and dropped. */
export class FramedBody {
  #left: number;
  #expected: Expected;
  #extensionBytes = 0;
  readonly #trailers: string[] = [CRLF];
  #trailerBytes = 0;
  readonly #lineRules: Omit<ThroughRules, 'deadlineMs'> & { limit: number };

  constructor(
    private readonly source: ByteSource,
    private readonly framing: BodyFraming,
    private readonly rules: FramedBodyRules,
  ) {
    const { kind } = framing;
    this.#left = kind === 'length' ? framing.length : kind === 'close' ? Infinity : 0;
    this.#expected = kind === 'chunked' ? 'chunk-size' : this.#left === 0 ? 'nothing' : 'data';
    this.#lineRules = {
      limit: 0,
      tooLong: () => rules.broken('line too long'),
      bareLineFeed: () => rules.broken('bare LF'),
    };
  }

  get done(): boolean {
    return this.#expected === 'nothing';
  }

  /** The next piece; null once the body is whole. */
  async read(): Promise<Buffer | null> {
    let deadline = 0;
    for (;;) {
      const piece = this.readNow();
      if (piece !== undefined) return piece;
      if (this.source.ended) return this.#ended();
      // A line has to be whole in the time that a piece of the body has to begin.
      const now = performance.now();
      if (deadline === 0 || this.#expected === 'data') deadline = now + this.rules.idleMs;
      await this.source.more(this.rules.idleMs === 0 ? 0 : Math.max(1, deadline - now));
    }
  }

  /** The same with what is there; undefined when more has to come first. */
  readNow(): Buffer | null | undefined {
    while (this.#expected !== 'data') {
      if (this.#expected === 'nothing') return null;
      this.#lineRules.limit = LINE_LIMITS[this.#expected];
      const line = this.source.throughNow(CRLF, this.#lineRules);
      if (line === null) return undefined;
      this.#takeLine(line.toString('latin1'));
    }
    const piece = this.source.take(Math.min(this.#left, MAX_PIECE_BYTES));
    if (piece === null) return undefined;
    this.#left -= piece.length;
    if (this.#left === 0) this.#expected = this.framing.kind === 'chunked' ? 'chunk-end' : 'nothing';
    return piece;
  }

  /** All of it in one piece, when it has a length and has come as one piece; undefined otherwise. */
  wholeNow(): Buffer | undefined {
    if (this.#expected === 'nothing') return EMPTY;
    if (this.framing.kind !== 'length' || this.#left !== this.framing.length) return undefined;
    const piece = this.source.takeExactly(this.#left);
    if (piece === null) return undefined;
    this.#left = 0;
    this.#expected = 'nothing';
    return piece;
  }

  #ended(): null {
    if (this.framing.kind === 'close') {
      this.#expected = 'nothing';
      return null;
    }
    if (this.#expected === 'data' || this.source.buffered === 0) throw this.rules.cut();
    throw new AileronError('CANCELLED', { reason: 'ended within a line' });
  }

  #takeLine(line: string): void {
    switch (this.#expected) {
      case 'chunk-end':
        if (line !== CRLF) throw this.rules.broken('chunk end');
        this.#expected = 'chunk-size';
        return;
      case 'chunk-size':
        return this.#takeSize(line);
      default:
        return this.#takeTrailer(line);
    }
  }

  #takeSize(line: string): void {
    const match = SIZE_LINE.exec(line);
    if (match === null) throw this.rules.broken('chunk size');
    this.#extensionBytes += match[2]?.length ?? 0;
    if (this.#extensionBytes > MAX_EXTENSION_BYTES) throw this.rules.broken('chunk extensions');
    this.#left = Number.parseInt(match[1] ?? '', 16);
    this.#expected = this.#left > 0 ? 'data' : 'trailer';
  }

  #takeTrailer(line: string): void {
    const { broken } = this.rules;
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > MAX_TRAILER_BYTES) throw broken('trailers too large');
    this.#trailers.push(line);
    if (line !== CRLF) return;
    if (this.#trailers.length > NO_TRAILERS) this.#checkTrailers();
    this.#expected = 'nothing';
  }

  #checkTrailers(): void {
    const { broken } = this.rules;
    const tooMany = () => broken('too many trailers');
    const bytes = Buffer.from(this.#trailers.join(''), 'latin1');
    const { fields } = splitHead(bytes, { maxFields: MAX_TRAILER_FIELDS, obsText: true, broken, tooMany });
    if (fields.some(([name]) => NEVER_TRAILERS.has(name))) throw broken('trailer name');
  }
}

const LINE_LIMITS: Readonly<Record<Exclude<Expected, 'data' | 'nothing'>, number>> = {
  'chunk-end': 2,
  'chunk-size': MAX_SIZE_LINE_BYTES,
  trailer: MAX_TRAILER_BYTES,
};
/** The two line ends between which trailers stand. */
const NO_TRAILERS = 2;
const EMPTY: Buffer = Buffer.alloc(0);
