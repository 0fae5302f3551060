import { createHash, type Hash } from 'node:crypto';
import { AileronError } from '@aileron/errors';
import type { BodyReader } from './body-reader.js';
import { SourceTimeout, type ByteSource } from './byte-source.js';
import { FramedBody, type BodyFraming } from './framed-body.js';
import { malformed } from './malformed.js';
import { TurnShare } from './turn-share.js';

export interface AgentBodyInput {
  readonly source: ByteSource;
  readonly framing: BodyFraming;
  readonly idleMs: number;
  /** Writes `100 Continue` when the agent waits for it; called once, before the first byte is read. */
  readonly onFirstRead: () => void;
}

/** A longer body of known length is put in its place, hashed and looked at as it comes: done in one go, it would hold up everybody else. */
const LARGE_BYTES = 65_536;

/** What is kept ready for it before it has come. */
const FIRST_BYTES = 262_144;

function grown(bytes: Buffer, used: number, size: number) {
  const larger = Buffer.allocUnsafeSlow(size);
  bytes.copy(larger, 0, 0, used);
  return larger;
}

const tooLarge = (limitBytes: number): AileronError => new AileronError('BODY_NOT_INSPECTABLE', { limitBytes });
const gone = (reason: string): AileronError => new AileronError('CANCELLED', { reason });

/** The body of one request as the agent sends it. */
export class AgentBody implements BodyReader {
  readonly declaredLength: number | null;
  readonly #body: FramedBody;
  #taken = false;
  #sha256: Uint8Array | null = null;

  constructor(private readonly input: AgentBodyInput) {
    const { framing, idleMs } = input;
    this.declaredLength = framing.kind === 'length' ? framing.length : framing.kind === 'chunked' ? null : 0;
    const cut = () => gone('the body ended early');
    this.#body = new FramedBody(input.source, framing, { idleMs, broken: malformed, cut });
  }

  get finished(): boolean {
    return this.#body.done;
  }

  /** Whether somebody began to read it. */
  get taken(): boolean {
    return this.#taken;
  }

  get sha256(): Uint8Array | null {
    return this.#sha256;
  }

  readAll(limitBytes: number, signal: AbortSignal, onPiece?: (piece: Buffer) => void): Buffer | Promise<Buffer> {
    const length = this.declaredLength ?? 0;
    if (length > limitBytes) throw tooLarge(limitBytes);
    this.#begin();
    const whole = this.#body.wholeNow();
    if (whole !== undefined) return whole;
    return length > LARGE_BYTES ? this.#readLarge(length, signal, onPiece) : this.#readPieces(limitBytes, signal);
  }

  async #readLarge(length: number, signal: AbortSignal, onPiece?: (piece: Buffer) => void): Promise<Buffer> {
    // As much as has come, and once more: a length that was only said costs nothing.
    let whole = Buffer.allocUnsafeSlow(Math.min(length, FIRST_BYTES));
    const hash: Hash = createHash('sha256');
    const share = new TurnShare();
    let at = 0;
    for (;;) {
      if (signal.aborted) throw gone('aborted');
      const piece = await this.#read();
      if (piece === null) break;
      hash.update(piece);
      if (at + piece.length > whole.length) whole = grown(whole, at, Math.min(length, 2 * (at + piece.length)));
      at += piece.copy(whole, at);
      onPiece?.(piece);
      await share.took(piece.length);
    }
    if (at !== length) throw new AileronError('INTERNAL', {}, { cause: new Error('a body of another length') });
    this.#sha256 = hash.digest();
    return whole;
  }

  async #readPieces(limitBytes: number, signal: AbortSignal): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      if (signal.aborted) throw gone('aborted');
      const piece = await this.#read();
      if (piece === null) break;
      bytes += piece.length;
      if (bytes > limitBytes) throw tooLarge(limitBytes);
      pieces.push(piece);
    }
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces, bytes);
  }

  async *stream(): AsyncGenerator<Buffer, void, undefined> {
    this.#begin();
    for (let piece = await this.#read(); piece !== null; piece = await this.#read()) yield piece;
  }

  /** Reads away what nobody wanted, so that the next request can be read. Whether that was little enough. */
  async drain(limitBytes: number): Promise<boolean> {
    if (this.#body.done) return true;
    if ((this.declaredLength ?? 0) > limitBytes) return false;
    let bytes = 0;
    for (let piece = await this.#read(); piece !== null; piece = await this.#read()) {
      bytes += piece.length;
      if (bytes > limitBytes) return false;
    }
    return true;
  }

  async #read(): Promise<Buffer | null> {
    try {
      return await this.#body.read();
    } catch (error) {
      throw error instanceof SourceTimeout ? gone('the body came too slowly') : error;
    }
  }

  #begin(): void {
    if (this.#taken) throw new AileronError('INTERNAL', {}, { cause: new Error('a body was read twice') });
    this.#taken = true;
    if (!this.#body.done) this.input.onFirstRead();
  }
}
