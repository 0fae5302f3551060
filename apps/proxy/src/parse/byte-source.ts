import type { Duplex } from 'node:stream';
import { AileronError } from '@aileron/errors';

/** Bytes kept unread before the peer is told to wait. While a request is held, its sender's going away is still seen. */
const HIGH_WATER_BYTES = 262_144;
const LF = 0x0a;
const CR = 0x0d;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Pulls the bytes of a socket in order, with back-pressure. One reader at a time. */
export class ByteSource {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #paused = false;
  #failure: Error | null = null;
  #waiter: Waiter | null = null;
  /** When the present waiter has waited long enough; `performance.now()`. */
  #giveUpAt = Infinity;
  #timer: { readonly handle: NodeJS.Timeout; readonly dueAt: number } | null = null;
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
    this.#giveUpAt = timeoutMs > 0 ? performance.now() + timeoutMs : Infinity;
    // One that fires earlier looks then how long it still is: most waits are over before, and take no timer of their own.
    if (this.#timer === null || this.#timer.dueAt > this.#giveUpAt) this.#setTimer(timeoutMs);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
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
    // It is in the first piece, as a rule; else everything is looked through as one.
    let all = this.#chunks[0] ?? EMPTY;
    let at = searched === 0 ? all.indexOf(terminator, 0, 'latin1') : -1;
    if (at < 0 && (searched > 0 || this.#chunks.length > 1)) {
      all = this.peek();
      at = all.indexOf(terminator, Math.max(0, searched - terminator.length + 1), 'latin1');
    }
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
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = null;
    this.#settle(this.#failure);
  }

  #resume(): void {
    this.#paused = false;
    this.socket.resume();
  }

  #setTimer(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = ms > 0 ? { handle: setTimeout(this.#onTimer, ms), dueAt: this.#giveUpAt } : null;
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    if (this.#waiter === null || this.#giveUpAt === Infinity) return;
    const leftMs = this.#giveUpAt - performance.now();
    if (leftMs <= 0) this.#settle(new SourceTimeout());
    else this.#setTimer(Math.max(1, leftMs));
  };

  #settle(error: Error | null): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    this.#waiter = null;
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
