import { type ByteSource } from './byte-source.js';
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

/** Takes one body out of a source by its framing, strictly. Trailers are checked and dropped. */
export class FramedBody {
  #left: number;
  #done: boolean;
  #extensionBytes = 0;
  #firstChunk = true;

  constructor(
    private readonly source: ByteSource,
    private readonly framing: BodyFraming,
    private readonly rules: FramedBodyRules,
  ) {
    this.#left = framing.kind === 'length' ? framing.length : 0;
    this.#done = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
  }

  get done(): boolean {
    return this.#done;
  }

  /** The next piece; null once the body is whole. */
  async read(): Promise<Buffer | null> {
    if (this.#done) return null;
    if (this.framing.kind === 'close') return await this.#readUntilClose();
    if (this.framing.kind === 'chunked' && this.#left === 0) await this.#nextChunk();
    if (this.#left === 0) return null;
    const limit = Math.min(this.#left, MAX_PIECE_BYTES);
    const piece = this.source.take(limit) ?? (await this.source.read(limit, this.rules.idleMs));
    if (piece === null) throw this.rules.cut();
    this.#left -= piece.length;
    if (this.#left === 0 && this.framing.kind === 'length') this.#done = true;
    return piece;
  }

  async #readUntilClose(): Promise<Buffer | null> {
    const piece = await this.source.read(MAX_PIECE_BYTES, this.rules.idleMs);
    if (piece === null) this.#done = true;
    return piece;
  }

  /** Leaves the size of the next chunk in `#left`; after the last one, with the trailers read, 0. */
  async #nextChunk(): Promise<void> {
    if (!this.#firstChunk && (await this.#line(2)) !== CRLF) throw this.rules.broken('chunk end');
    this.#firstChunk = false;
    const match = SIZE_LINE.exec(await this.#line(MAX_SIZE_LINE_BYTES));
    if (match === null) throw this.rules.broken('chunk size');
    this.#extensionBytes += match[2]?.length ?? 0;
    if (this.#extensionBytes > MAX_EXTENSION_BYTES) throw this.rules.broken('chunk extensions');
    this.#left = Number.parseInt(match[1] ?? '', 16);
    if (this.#left > 0) return;
    await this.#trailers();
    this.#done = true;
  }

  async #trailers(): Promise<void> {
    const lines: string[] = [CRLF];
    let bytes = 0;
    for (;;) {
      const line = await this.#line(MAX_TRAILER_BYTES);
      bytes += line.length;
      if (bytes > MAX_TRAILER_BYTES) throw this.rules.broken('trailers too large');
      lines.push(line);
      if (line === CRLF) break;
    }
    const { broken } = this.rules;
    const tooMany = () => broken('too many trailers');
    const bytesOfLines = Buffer.from(lines.join(''), 'latin1');
    const { fields } = splitHead(bytesOfLines, { maxFields: MAX_TRAILER_FIELDS, obsText: true, broken, tooMany });
    if (fields.some(([name]) => NEVER_TRAILERS.has(name))) throw broken('trailer name');
  }

  async #line(limit: number): Promise<string> {
    const tooLong = () => this.rules.broken('line too long');
    const bareLineFeed = () => this.rules.broken('bare LF');
    const line = await this.source.through(CRLF, { limit, deadlineMs: this.rules.idleMs, tooLong, bareLineFeed });
    if (line === null) throw this.rules.cut();
    return line.toString('latin1');
  }
}
