import type { TLSSocket } from 'node:tls';
import { AileronError } from '@aileron/errors';
import { ByteSource } from '../parse/byte-source.js';

const HEAD_BUFFER_BYTES = 4_096;

/** One verified TLS connection to a vetted address. One request at a time. */
export class UpstreamConnection {
  readonly source: ByteSource;
  #failure: Error | null = null;
  /** For the heads of its requests, one after the other; null while one is being written. */
  #headBuffer: Buffer | null = null;

  constructor(
    readonly socket: TLSSocket,
    /** Scope, host, port and address: only a request with the same key may use it. */
    readonly key: string,
    readonly address: string,
    private readonly onDone: (connection: UpstreamConnection, idleMs: number | null) => void,
  ) {
    this.source = new ByteSource(socket);
    socket.on('error', (error) => (this.#failure ??= error));
  }

  /** Whether a request may be written: open, and nothing unasked came in. */
  get usable(): boolean {
    return !this.socket.destroyed && this.socket.writable && !this.source.ended && this.source.buffered === 0;
  }

  /** Resolves when the bytes are with the operating system or when the next ones may be written. */
  write(bytes: Buffer): Promise<void> | undefined {
    return this.socket.destroyed || this.socket.write(bytes) ? undefined : this.#drained();
  }

  /** Bytes for a head that holds a secret: this connection's alone, to be given to `writeAndZero`. */
  readonly allocateHead = (length: number): Buffer => {
    if (length > HEAD_BUFFER_BYTES) return Buffer.alloc(length);
    const buffer = this.#headBuffer ?? Buffer.alloc(HEAD_BUFFER_BYTES);
    this.#headBuffer = null;
    return buffer.subarray(0, length);
  };

  /** Writes bytes that hold a secret and overwrites them as soon as they are encrypted. */
  writeAndZero(bytes: Buffer): void {
    this.socket.write(bytes, () => this.forget(bytes));
  }

  /** Overwrites bytes of `allocateHead`. */
  forget(bytes: Buffer): void {
    bytes.fill(0);
    if (bytes.buffer.byteLength === HEAD_BUFFER_BYTES) this.#headBuffer = Buffer.from(bytes.buffer);
  }

  /** Gives it back for the next request of its key; `idleMs` is how long it may wait for one. */
  release(idleMs: number): void {
    if (this.usable) this.onDone(this, idleMs);
    else this.destroy();
  }

  destroy(): void {
    this.socket.destroy();
    this.onDone(this, null);
  }

  /** For a connection that broke after something was sent on it: whether the upstream acted is not known. */
  failed(): AileronError {
    return new AileronError('UPSTREAM_UNREACHABLE', { sent: true }, { cause: this.#failure ?? new Error('closed') });
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on('drain', done);
      this.socket.on('close', done);
    });
  }
}
