// A terminal of a workspace as a program sees it: keys in, what it shows out.
import type { WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { eventually } from './running-service.fixture.js';

export class TerminalUnderTest implements AsyncDisposable {
  #shown = '';

  private constructor(
    private readonly socket: WebSocket,
    private readonly close: () => Promise<unknown>,
  ) {
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }: { data: unknown }) => {
      if (data instanceof ArrayBuffer) this.#shown += Buffer.from(data).toString('latin1');
    });
  }

  static async open(client: WorkspaceClient, { workspaceId }: WorkspaceView): Promise<TerminalUnderTest> {
    const { terminalId } = await client.openTerminal({ params: { workspaceId }, body: { columns: 120, rows: 40 } });
    const params = { workspaceId, terminalId };
    const socket = new WebSocket(client.socketUrl('attachTerminal', { params, query: {} }));
    const terminal = new TerminalUnderTest(socket, () => client.closeTerminal({ params }));
    await eventually(() => socket.readyState === WebSocket.OPEN);
    return terminal;
  }

  type(data: string): void {
    this.socket.send(JSON.stringify({ type: 'input', data }));
  }

  /** Waits until it was shown; an echo of the keys counts too. */
  async shows(text: string, withinMs = 60_000): Promise<void> {
    await eventually(() => this.#shown.includes(text), withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.close();
  }
}
