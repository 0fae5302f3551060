import type { Duplex } from 'node:stream';

/** The tunnels of each session, from the answer to its CONNECT on, so that they can be cut. */
export class OpenTunnels<S extends object> {
  readonly #ofSession = new WeakMap<S, Map<Duplex, string>>();

  add(session: S, host: string, socket: Duplex): void {
    const tunnels = this.#ofSession.get(session) ?? new Map<Duplex, string>();
    this.#ofSession.set(session, tunnels);
    tunnels.set(socket, host);
    socket.once('close', () => tunnels.delete(socket));
  }

  /** Breaks off those to hosts that do not pass. @returns how many */
  cut(session: S, passes: (host: string) => boolean): number {
    let cut = 0;
    for (const [socket, host] of this.#ofSession.get(session) ?? []) {
      if (passes(host)) continue;
      socket.destroy();
      cut += 1;
    }
    return cut;
  }
}
