import type { SecureContext, TLSSocket } from 'node:tls';
import { openTunnel, type Dial } from './dial.js';
import { ResponseReader } from './response-reader.js';

export interface Exchange {
  readonly bytes: Buffer;
  readonly onBody?: (chunk: Buffer) => void;
}

/** One keep-alive connection, one request at a time. Whoever gives the order to load bounds the wait. */
export class Http1Connection {
  #exchange: Exchange | null = null;
  #settle: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #answered = '';

  private constructor(private readonly socket: TLSSocket) {
    const reader = new ResponseReader({
      onBody: (chunk) => {
        this.#exchange?.onBody?.(chunk);
        if (this.#answered.length < 500) this.#answered += chunk.toString('latin1').slice(0, 500);
      },
      onEnd: (status) => this.#end(status),
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.#fail(error as Error);
      }
    });
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  static async open(dial: Dial, host: string, trust?: SecureContext): Promise<Http1Connection> {
    return new Http1Connection(await openTunnel(dial, host, trust));
  }

  /** Resolves once the answer is whole. Anything but 200 is a failure of the run. */
  send(exchange: Exchange): Promise<void> {
    this.#exchange = exchange;
    this.#answered = '';
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#settle = { resolve, reject };
    this.socket.write(exchange.bytes);
    return promise;
  }

  close(): void {
    this.socket.destroy();
  }

  #end(status: number): void {
    const settle = this.#settle;
    this.#settle = null;
    if (status === 200) settle?.resolve();
    else settle?.reject(new Error(`answered ${status}: ${this.#answered.slice(0, 500)}`));
  }

  #fail(error: Error): void {
    this.#settle?.reject(error);
    this.#settle = null;
  }
}
