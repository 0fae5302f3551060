import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import type { TerminalWay, TerminalWayName } from './carried-terminal.js';
import { outputsOfFrame } from './output-of-frame.js';

export interface SocketWay {
  readonly name: TerminalWayName;
  readonly client: WorkspaceClient;
  readonly workspaceId: string;
  /** Of the service that the page speaks to: http://host:port */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  processes(): readonly number[];
}

/** A terminal of a workspace as the page has it: over a WebSocket. */
export const socketTerminals = (way: SocketWay): TerminalWay => ({
  name: way.name,
  processes: way.processes,
  close: () => Promise.resolve(),
  open: async () => {
    const { client, workspaceId } = way;
    const params = { workspaceId };
    const { terminalId } = await client.openTerminal({ params, body: { columns: 120, rows: 30 } });
    const url = new URL(`/api/v1/workspaces/${workspaceId}/terminals/${terminalId}/attach`, way.origin);
    url.protocol = 'ws:';
    const socket = new WebSocket(url, { headers: way.headers, perMessageDeflate: false, maxPayload: 8 << 20 });
    socket.on('error', () => undefined);
    const frames = messagesOf(socket);
    await once(socket, 'open');
    return {
      type: (text) =>
        new Promise((resolve, reject) => {
          const input = JSON.stringify({ type: 'input', data: text });
          socket.send(input, (error) => (error ? reject(error) : resolve()));
        }),
      async *output(signal) {
        signal.addEventListener('abort', () => socket.terminate(), { once: true });
        for await (const frame of frames) yield* outputsOfFrame(frame);
      },
      close: async () => {
        socket.terminate();
        await client.closeTerminal({ params: { workspaceId, terminalId } });
      },
    };
  },
});

const MOST_WAITING = 64;

/** Binary messages in order; the socket waits for a reader that is behind. */
async function* messagesOf(socket: WebSocket): AsyncGenerator<Uint8Array, void> {
  const waiting: Uint8Array[] = [];
  let wake = (): void => undefined;
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return;
    waiting.push(data);
    if (waiting.length >= MOST_WAITING) socket.pause();
    wake();
  });
  socket.once('close', () => wake());
  while (true) {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield next;
    if (socket.isPaused) socket.resume();
    if (socket.readyState >= WebSocket.CLOSING) return;
    await new Promise<void>((resolve) => (wake = resolve));
  }
}
