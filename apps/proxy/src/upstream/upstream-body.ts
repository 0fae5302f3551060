import { FramedBody } from '../parse/framed-body.js';
import { upstreamMalformed, type ResponseMessage } from './response-message.js';
import type { UpstreamConnection } from './upstream-connection.js';

const BODY_IDLE_MS = 300_000;
const RULES = {
  idleMs: BODY_IDLE_MS,
  broken: upstreamMalformed,
  cut: (): Error => upstreamMalformed('body ended early'),
};

export interface UpstreamBodyInput {
  readonly connection: UpstreamConnection;
  readonly message: ResponseMessage;
  /** What the caller is told instead of what broke. */
  readonly failure: (error: unknown) => Error;
  /** Runs once, when it ended in whatever way; `whole`: nothing of it is left on the connection. */
  readonly onEnd: (whole: boolean) => void;
}

/** The body of one answer, in one pass, as it is pulled. */
export class UpstreamBody implements AsyncIterable<Buffer> {
  readonly #body: FramedBody;
  #ended = false;

  constructor(private readonly input: UpstreamBodyInput) {
    this.#body = new FramedBody(input.connection.source, input.message.framing, RULES);
  }

  /** The next piece, at once when it is there; null at the end. Whoever stops before that calls `stop`. */
  read(): Buffer | null | Promise<Buffer | null> {
    if (this.#ended) return null;
    try {
      const piece = this.#body.readNow();
      if (piece === undefined) return this.#readLater();
      if (piece === null) this.stop();
      return piece;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Ends it; the rest of a body that was not read to its end breaks the connection off. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.input.onEnd(this.#body.done);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    try {
      for (let piece = await this.read(); piece !== null; piece = await this.read()) yield piece;
    } finally {
      this.stop();
    }
  }

  async #readLater(): Promise<Buffer | null> {
    try {
      const piece = await this.#body.read();
      if (piece === null) this.stop();
      return piece;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): Error {
    this.stop();
    return this.input.failure(error);
  }
}
