// A line to the gateway that can be cut: TCP both ways, and at a cut everything on it is gone, with what was under way.
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

interface Line {
  readonly browser: Socket;
  readonly gateway: Socket;
}

export class CuttingRelay {
  readonly #lines = new Set<Line>();
  #swallows = false;
  private constructor(private readonly server: Server) {}

  static async start(targetUrl: string): Promise<CuttingRelay> {
    const { hostname: host, port } = new URL(targetUrl);
    const server = createServer({ noDelay: true }, (browser) => {
      relay.#join({ browser, gateway: connect({ host, port: Number(port), noDelay: true }) });
    });
    const relay = new CuttingRelay(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /**
   * Cuts everything that is on it. For `swallowMs` before that nothing comes through any more, in both directions: it is read
   * here and lost, as what a network has taken and does not deliver.
   */
  async cut(swallowMs: number): Promise<void> {
    const lines = [...this.#lines];
    this.#swallows = swallowMs > 0;
    if (swallowMs > 0) await new Promise((resolve) => setTimeout(resolve, swallowMs));
    for (const line of lines) this.#end(line);
    this.#swallows = false;
  }

  close(): void {
    this.server.close();
    for (const line of this.#lines) this.#end(line);
  }

  #join(line: Line): void {
    this.#lines.add(line);
    for (const [from, to] of [
      [line.browser, line.gateway],
      [line.gateway, line.browser],
    ] as const) {
      from.on('data', (data) => {
        if (this.#swallows || to.destroyed) return;
        if (!to.write(data)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
      from.once('end', () => to.end());
      from.on('error', () => this.#end(line));
      from.once('close', () => this.#end(line));
    }
  }

  #end(line: Line): void {
    if (!this.#lines.delete(line)) return;
    line.browser.resetAndDestroy();
    line.gateway.resetAndDestroy();
  }
}
