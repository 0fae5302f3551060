import type { Duplex } from 'node:stream';
import { AileronError } from '@aileron/errors';

/** Bytes kept unread before the peer is told to wait. While a request is held, its sender's going away is still seen. */
const HIGH_WATER_BYTES = 262_144;
const LF = 0x0a;
const CR = 0x0d;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | null;
}

/** Pulls the bytes of a socket in order, with back-pressure. One reader at a time. */
export class ByteSource {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #paused = false;
  #failure: Error | null = null;
  #waiter: Waiter | null = null;
  readonly #onData = (chunk: Buffer): void => this.#push(chunk);
  readonly #onEnd = (): void => this.#finish(null);
  readonly #onError = (error: Error): void => this.#finish(error);

  constructor(private readonly socket: Duplex) {
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onEnd);
    socket.on('error', this.#onError);
  }

  get buffered(): number {
    return this.#bytes;
  }

  /** Nothing more will come than what is buffered. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What is buffered now, up to `limit` bytes in one piece; null when nothing is. */
  take(limit: number): Buffer | null {
    const first = this.#chunks[0];
    if (first === undefined) return null;
    if (first.length <= limit) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(limit);
    const taken = first.length <= limit ? first : first.subarray(0, limit);
    this.#bytes -= taken.length;
    if (this.#paused && this.#bytes < HIGH_WATER_BYTES / 2) this.#resume();
    return taken;
  }

  /** So many bytes when they are there in one piece; null otherwise. */
  takeExactly(length: number): Buffer | null {
    return (this.#chunks[0]?.length ?? 0) >= length ? this.take(length) : null;
  }

  /** Everything buffered as one piece, still there afterwards. */
  peek(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? EMPTY;
  }

  /** The next piece; null at the end. Rejects when the peer failed or sent nothing for `timeoutMs`. */
  async read(limit: number, timeoutMs: number): Promise<Buffer | null> {
    for (;;) {
      const taken = this.take(limit);
      if (taken !== null) return taken;
      if (this.#ended) return null;
      await this.more(timeoutMs);
    }
  }

  /** Resolves once more bytes came or the end did. */
  more(timeoutMs: number): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = timeoutMs > 0 ? setTimeout(() => this.#settle(new SourceTimeout()), timeoutMs) : null;
      this.#waiter = { resolve, reject, timer };
    });
  }

  /**
   * Bytes up to and with `terminator`, at most `limit`; null when the peer ended before the first byte. Bare LF is
   * refused as soon as it is seen, so that nobody waits for a CRLF that will not come.
   */
  async through(terminator: string, rules: ThroughRules): Promise<Buffer | null> {
    const deadline = rules.deadlineMs === 0 ? Infinity : performance.now() + rules.deadlineMs;
    for (let searched = 0; ;) {
      const found = this.throughNow(terminator, rules, searched);
      if (found !== null) return found;
      if (this.#ended) {
        if (this.#bytes === 0) return null;
        throw new AileronError('CANCELLED', { reason: 'ended within a head' });
      }
      searched = this.#bytes;
      await this.more(deadline === Infinity ? 0 : Math.max(1, deadline - performance.now()));
    }
  }

  /** The same with what is there; null when the terminator is not. `searched` bytes were looked through before. */
  throughNow(terminator: string, rules: Omit<ThroughRules, 'deadlineMs'>, searched = 0): Buffer | null {
    const all = this.#view(terminator, searched);
    const at = all.indexOf(terminator, Math.max(0, searched - terminator.length + 1), 'latin1');
    const end = at < 0 ? all.length : at + terminator.length;
    if (end > rules.limit) throw rules.tooLong();
    if (hasBareLineFeed(all, searched, end)) throw rules.bareLineFeed();
    return at < 0 ? null : this.take(end);
  }

  /** Stops reading and gives back what was not read. For whoever still reads here it is the end. */
  detach(): Buffer {
    this.socket.pause();
    this.socket.off('data', this.#onData);
    this.socket.off('end', this.#onEnd);
    this.socket.off('close', this.#onEnd);
    this.socket.off('error', this.#onError);
    const rest = this.peek();
    this.#chunks = [];
    this.#bytes = 0;
    this.#finish(null);
    return rest;
  }

  /** The first piece when the terminator is in it, which is the rule; else everything. */
  #view(terminator: string, searched: number): Buffer {
    const first = this.#chunks[0];
    return searched === 0 && first?.includes(terminator, 0, 'latin1') === true ? first : this.peek();
  }

  #push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > HIGH_WATER_BYTES && !this.#paused) {
      this.#paused = true;
      this.socket.pause();
    }
    this.#settle(null);
  }

  #finish(error: Error | null): void {
    this.#ended = true;
    this.#failure ??= error;
    this.#settle(this.#failure);
  }

  #resume(): void {
    this.#paused = false;
    this.socket.resume();
  }

  #settle(error: Error | null): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    this.#waiter = null;
    if (waiter.timer !== null) clearTimeout(waiter.timer);
    if (error === null) waiter.resolve();
    else waiter.reject(error);
  }
}

export interface ThroughRules {
  readonly limit: number;
  /** For the whole of it; 0: none. */
  readonly deadlineMs: number;
  readonly tooLong: () => Error;
  readonly bareLineFeed: () => Error;
}

/** The peer sent nothing in the time it had. */
export class SourceTimeout extends Error {
  override readonly name = 'SourceTimeout';
}

const EMPTY = Buffer.alloc(0);

function hasBareLineFeed(bytes: Buffer, from: number, end: number): boolean {
  for (let at = bytes.indexOf(LF, from); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] !== CR) return true;
  }
  return false;
}
