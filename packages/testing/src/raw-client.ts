import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { readRawResponse, type RawResponse, type RequestMethod } from './raw-response.js';

const DEADLINE_MS = 5_000;

export type RawAddress = { readonly socketPath: string } | { readonly port: number; readonly host?: string };

export interface RawTls {
  readonly caPem: string;
  /** The name in the ClientHello; null sends none. The certificate is checked for it. */
  readonly servername: string | null;
  readonly alpn?: readonly string[];
}

/** A connection that sends exactly the bytes it is given. Every wait ends: with bytes, with the end, or after `deadlineMs`. */
export class RawClient {
  readonly #deadlineMs: number;
  /** Joined when somebody looks: a test may let megabytes come that nobody reads. */
  #pieces: Buffer[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(
    readonly socket: Socket,
    deadlineMs: number,
  ) {
    this.#deadlineMs = deadlineMs;
    socket.on('data', (chunk: Buffer) => {
      this.#pieces.push(chunk);
      this.#wake();
    });
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', end);
    socket.on('close', end);
    // A reset is an end too: what a test asks is what arrived before.
    socket.on('error', end);
  }

  static async connect(address: RawAddress, options: { deadlineMs?: number } = {}): Promise<RawClient> {
    const socket =
      'socketPath' in address ? connectTcp(address.socketPath) : connectTcp(address.port, address.host ?? '127.0.0.1');
    const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    await settled(socket, 'connect', deadlineMs);
    return new RawClient(socket, deadlineMs);
  }

  /** The same connection, TLS from now on; use the client that comes back. */
  async startTls({ caPem, servername, alpn }: RawTls): Promise<RawClient> {
    this.socket.removeAllListeners('data');
    this.socket.pause();
    if (this.#received.length > 0) this.socket.unshift(this.#take(this.#received.length));
    const socket: TLSSocket = connectTls({
      socket: this.socket,
      ca: caPem,
      ...(servername !== null && { servername }),
      ...(alpn && { ALPNProtocols: [...alpn] }),
      // Without a name there is none to check: such a test looks at the answer, not at the certificate.
      ...(servername === null && { checkServerIdentity: () => undefined }),
    });
    await settled(socket, 'secureConnect', this.#deadlineMs);
    return new RawClient(socket, this.#deadlineMs);
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Everything until the other side ends, read and unread. */
  async readToEnd(): Promise<Buffer> {
    await this.#until(() => this.#ended);
    return this.#take(this.#received.length);
  }

  /** At least `bytes` bytes, or what came before the end. */
  async read(bytes: number): Promise<Buffer> {
    await this.#until(() => this.#ended || this.#received.length >= bytes);
    return this.#take(bytes);
  }

  /** One whole HTTP/1.1 response to a request of this method. Throws when the bytes are not one. */
  async readResponse(method: RequestMethod = 'other'): Promise<RawResponse> {
    const read = () => readRawResponse(this.#received, this.#ended, method);
    await this.#until(() => this.#ended || read() !== null);
    const found = read();
    if (found === null)
      throw new Error(`the connection ended inside a response: ${this.#received.toString('latin1').slice(0, 500)}`);
    this.#take(found.bytes);
    return found.response;
  }

  /** Resolves when the other side has ended the connection. */
  async ended(): Promise<void> {
    await this.#until(() => this.#ended);
  }

  close(): void {
    this.socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #received(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] ?? Buffer.alloc(0);
  }

  #take(bytes: number): Buffer {
    const received = this.#received;
    this.#pieces = [received.subarray(bytes)];
    return received.subarray(0, bytes);
  }

  async #until(done: () => boolean): Promise<void> {
    const deadline = Date.now() + this.#deadlineMs;
    while (!done()) {
      const left = deadline - Date.now();
      if (left <= 0)
        throw new Error(
          `nothing more within ${this.#deadlineMs} ms; so far: ${this.#received.toString('latin1').slice(-500)}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/**
 * Opens a tunnel through an HTTP proxy. `head` is the CONNECT request as bytes, so that a test can have it wrong. Where the
 * answer is 200 and `tls` is given, `client` speaks TLS.
 */
export async function connectThroughProxy(input: {
  proxy: RawAddress;
  head: string;
  tls?: RawTls;
  deadlineMs?: number;
}): Promise<{ client: RawClient; response: RawResponse }> {
  const client = await RawClient.connect(
    input.proxy,
    input.deadlineMs === undefined ? {} : { deadlineMs: input.deadlineMs },
  );
  client.write(input.head);
  const response = await client.readResponse('CONNECT');
  if (response.status !== 200 || !input.tls) return { client, response };
  return { client: await client.startTls(input.tls), response };
}

/** A well-formed CONNECT request with `Proxy-Authorization: Basic base64("session:<token>")`. */
export function connectHead(authority: string, agentToken?: string): string {
  const basic = agentToken === undefined ? '' : Buffer.from(`session:${agentToken}`).toString('base64');
  const authorization = basic === '' ? '' : `Proxy-Authorization: Basic ${basic}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`;
}

function settled(socket: Socket, event: 'connect' | 'secureConnect', deadlineMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error(`no ${event} within ${deadlineMs} ms`)), deadlineMs);
    const over = (error?: Error) => {
      clearTimeout(timer);
      socket.off(event, over);
      socket.off('error', over);
      socket.off('close', closed);
      if (error) reject(error);
      else resolve();
    };
    const closed = () => over(new Error(`closed before ${event}`));
    socket.once(event, () => over());
    socket.once('error', over);
    socket.once('close', closed);
  });
}
