import { HttpAgent } from './node-http.js';

/** Our services close what is idle after 5 s; from this side it is closed well before, so that the two do not meet. */
const IDLE_MS = 2_000;
const MOST_IDLE = 64;

/** Connections to an own service, kept for the next request. */
export class LocalConnections {
  readonly #agent = new HttpAgent({ keepAlive: true, maxFreeSockets: MOST_IDLE, timeout: IDLE_MS });
  /** By scheme, as Node's clients take them. Own services are in the clear: there is no TLS to keep. */
  readonly agents = { 'http:': this.#agent, 'https:': new (process.getBuiltinModule('node:https').Agent)() };

  /** The next request opens a connection: where the other side closed one, the rest are or will be. */
  dropIdle(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}
