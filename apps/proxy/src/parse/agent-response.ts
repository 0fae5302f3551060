import type { Duplex } from 'node:stream';
import type { AileronError } from '@aileron/errors';
import type { ProblemExtra, ResponseWriter } from '../exchange.js';
import type { HeaderField } from './canonical-request.js';
import { isHopByHop } from './header-names.js';
import { problemAnswer } from './problem-answer.js';

export interface AgentResponseInput {
  readonly socket: Duplex;
  /** HEAD: the headers of a body, without it. */
  readonly method: string;
  /** Said in the head: whether the connection stays open after this answer. */
  readonly keepAlive: () => boolean;
}

const CRLF = Buffer.from('\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
/** Small pieces are sent in one write with what stands around them; large ones are not copied for that. */
const COPY_LIMIT = 16_384;
/** A piece of this size up to that of a TLS record is one of many: those of one turn of the event loop leave together. */
const BULK_BYTES = 8_192;
const SAFE_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

type Framing = 'none' | 'length' | 'chunked';

/** Frames one answer to the agent (RFC 9112). Head and first bytes leave in one write when they are at hand together. */
export class AgentResponse implements ResponseWriter {
  #framing: Framing = 'none';
  #declared = 0;
  #bodyBytes = 0;
  #headWritten = false;
  #keptAlive = false;
  #ended = false;
  #aborted = false;
  #corked = false;
  #drained: Promise<void> | null = null;
  /** The head, and what comes in the same turn of the event loop; null once that has left. */
  #beginning: { readonly pieces: Buffer[]; bytes: number; readonly endOfTurn: NodeJS.Immediate } | null = null;

  constructor(private readonly input: AgentResponseInput) {}

  get headWritten(): boolean {
    return this.#headWritten;
  }

  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** Whether the answer is whole, so that another may follow. */
  get complete(): boolean {
    return this.#ended && !this.#aborted;
  }

  /** Whether the head promised that the connection stays open. */
  get keptAlive(): boolean {
    return this.#keptAlive;
  }

  writeHead(status: number, reason: string, headers: readonly HeaderField[]): void {
    const kept = headers.filter(([name]) => !isHopByHop(name));
    this.#writeHead(status, reason, kept);
  }

  #writeHead(status: number, reason: string, kept: readonly HeaderField[]): void {
    if (this.#headWritten || this.#aborted) throw new TypeError('a head was written already');
    const length = kept.find(([name]) => name === 'content-length')?.[1];
    const bodiless = this.input.method === 'HEAD' || status === 204 || status === 304;
    this.#framing = bodiless ? 'none' : length === undefined ? 'chunked' : 'length';
    this.#declared = Number(length ?? 0);
    let head = `HTTP/1.1 ${status} ${SAFE_VALUE.test(reason) ? reason : ''}\r\n`;
    for (const [name, value] of kept) if (SAFE_VALUE.test(value)) head += `${name}: ${value}\r\n`;
    if (this.#framing === 'chunked') head += 'transfer-encoding: chunked\r\n';
    this.#keptAlive = this.input.keepAlive();
    if (!this.#keptAlive) head += 'connection: close\r\n';
    this.#headWritten = true;
    const bytes = Buffer.from(`${head}\r\n`, 'latin1');
    const endOfTurn = setImmediate(() => void this.#sendBeginning());
    this.#beginning = { pieces: [bytes], bytes: bytes.length, endOfTurn };
  }

  write(chunk: Buffer): Promise<void> | undefined {
    if (!this.#headWritten || this.#ended) throw new TypeError('a body goes between its head and its end');
    if (this.#aborted || this.#framing === 'none' || chunk.length === 0) return undefined;
    this.#bodyBytes += chunk.length;
    if (this.#framing === 'chunked') return this.#writeChunk(chunk);
    if (this.#bodyBytes > this.#declared) throw new TypeError('more body than Content-Length');
    if (chunk.length >= BULK_BYTES && chunk.length <= COPY_LIMIT) this.#corkUntilNextTurn();
    return this.#send(chunk);
  }

  async end(): Promise<void> {
    if (this.#ended || this.#aborted) return;
    if (this.#framing === 'length' && this.#bodyBytes !== this.#declared) return this.abort();
    this.#ended = true;
    const sent = this.#framing === 'chunked' ? this.#send(LAST_CHUNK) : undefined;
    await (this.#sendBeginning() ?? sent);
  }

  async problem(error: AileronError, extra: ProblemExtra = {}): Promise<void> {
    const { status, reason, headers, body } = problemAnswer(error, extra);
    this.#writeHead(status, reason, headers);
    void this.write(body);
    await this.end();
  }

  abort(): void {
    this.#aborted = true;
    this.input.socket.destroy();
  }

  #writeChunk(chunk: Buffer): Promise<void> | undefined {
    const size = `${chunk.length.toString(16)}\r\n`;
    if (chunk.length <= COPY_LIMIT) {
      const framed = Buffer.allocUnsafe(size.length + chunk.length + 2);
      framed.write(size, 'latin1');
      chunk.copy(framed, size.length);
      CRLF.copy(framed, size.length + chunk.length);
      return this.#send(framed);
    }
    const { socket } = this.input;
    void this.#sendBeginning();
    socket.cork();
    void this.#write(Buffer.from(size, 'latin1'));
    void this.#write(chunk);
    const written = this.#write(CRLF);
    socket.uncork();
    return written;
  }

  #send(bytes: Buffer): Promise<void> | undefined {
    const beginning = this.#beginning;
    if (beginning === null) return this.#write(bytes);
    if (beginning.bytes + bytes.length > COPY_LIMIT) {
      void this.#sendBeginning();
      return this.#write(bytes);
    }
    beginning.pieces.push(bytes);
    beginning.bytes += bytes.length;
    return undefined;
  }

  #sendBeginning(): Promise<void> | undefined {
    if (this.#beginning === null) return undefined;
    const { pieces, bytes, endOfTurn } = this.#beginning;
    clearImmediate(endOfTurn);
    this.#beginning = null;
    return this.#write(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces, bytes));
  }

  /** One write for four records, and not four: it is the writes that cost. */
  #corkUntilNextTurn(): void {
    if (this.#corked) return;
    const { socket } = this.input;
    this.#corked = true;
    socket.cork();
    setImmediate(() => {
      this.#corked = false;
      socket.uncork();
    });
  }

  #write(bytes: Buffer): Promise<void> | undefined {
    const { socket } = this.input;
    if (!socket.writable || socket.write(bytes)) return undefined;
    this.#drained ??= new Promise((resolve) => {
      const done = (): void => {
        socket.off('drain', done);
        socket.off('close', done);
        this.#drained = null;
        resolve();
      };
      socket.on('drain', done);
      socket.on('close', done);
    });
    return this.#drained;
  }
}
