import { request } from 'node:http';
import { WebSocket } from 'ws';
import { waitUntil } from './wait-until.fixture.js';

interface Message {
  readonly type?: string;
  readonly [field: string]: unknown;
}

/** Somebody who reads a stream, over SSE or WebSocket, and has all that came. */
export class StreamReader {
  readonly messages: Message[] = [];
  ended = false;
  #close: () => void = () => undefined;

  static overEvents(url: string): StreamReader {
    const reader = new StreamReader();
    const outgoing = request(url, { headers: { accept: 'text/event-stream' } });
    outgoing.on('error', () => (reader.ended = true));
    outgoing.on('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('error', () => (reader.ended = true));
      incoming.on('data', (chunk: string) => {
        text += chunk;
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) reader.messages.push(JSON.parse(part.replace(/^data: /, '')) as Message);
      });
      incoming.on('close', () => (reader.ended = true));
    });
    outgoing.end();
    reader.#close = () => outgoing.destroy();
    return reader;
  }

  static overWebSocket(url: string, headers: Record<string, string> = {}): StreamReader {
    const reader = new StreamReader();
    const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers });
    socket.on('message', (data: Buffer, isBinary) => {
      reader.messages.push(isBinary ? { type: 'frame', data } : (JSON.parse(data.toString('utf8')) as Message));
    });
    socket.on('error', () => (reader.ended = true));
    socket.on('close', () => (reader.ended = true));
    reader.send = (message) => socket.send(JSON.stringify(message));
    reader.#close = () => socket.terminate();
    return reader;
  }

  send: (message: object) => void = () => undefined;

  close(): void {
    this.#close();
  }

  until(holds: (messages: readonly Message[]) => unknown): Promise<unknown> {
    return waitUntil(() => Boolean(holds(this.messages)));
  }

  /** Events of numbered deliveries, with their numbers. */
  get events(): { seq: number; event: Record<string, unknown> }[] {
    return this.messages.flatMap((message) =>
      message.type === 'events' ? (message['events'] as { seq: number; event: Record<string, unknown> }[]) : [],
    );
  }

  /** Where it stands, to attach again. */
  get place(): string {
    const last = this.messages.findLast(({ type }) => type === 'events');
    return `epoch=${String(last?.['epoch'])}&seq=${this.events.at(-1)?.seq}`;
  }
}
