// The page's own client of streams, in Node: through the gateway, as a browser that has come in by a link.
import {
  conversationFeed,
  conversationPath,
  type Dial,
  LiveStream,
  NumberedFeed,
  TerminalLink,
} from '@aileron/live-stream';
import { ConversationSnapshot, type ConversationView, readAgentEvent } from '@aileron/contracts/agent-events';
import { z } from 'zod';
import { WebSocket } from 'ws';
import { CuttingRelay } from './cutting-relay.fixture.js';
import { LONG_MS } from './journey.fixture.js';
import { eventually } from './running-service.fixture.js';

export interface Entered {
  /** Of the gateway. */
  readonly url: string;
  readonly cookie: string;
}

/** Comes in by a link, as a browser does. */
export async function enterByLink(link: string): Promise<Entered> {
  const { origin: url, hash } = new URL(link);
  const answer = await fetch(`${url}/api/enter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ code: hash.slice(1) }),
  });
  if (answer.status !== 204) throw new Error(`the link was refused: ${answer.status}`);
  return { url, cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

/** As the page dials, over a line that may be cut; `port`: of the line. */
const dialOver =
  ({ url, cookie }: Entered, port: number): Dial =>
  (path, events) => {
    const headers = { host: new URL(url).host, origin: url, cookie };
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, perMessageDeflate: false });
    let opened = false;
    socket.on('open', () => {
      opened = true;
      events.onOpen();
    });
    socket.on('message', (data: Buffer, binary) => events.onMessage(binary ? new Uint8Array(data) : data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => events.onEnd(opened));
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: () => socket.terminate(),
    };
  };

/** For one attachment or cut to be noticed. */
const ONE_MS = 60_000;

/** One reader on a line of its own, which is cut as often as is wished while it is attached. */
abstract class ReaderOnALine {
  protected isOpen = false;
  cuts = 0;
  protected constructor(protected readonly line: CuttingRelay) {}

  /** Cuts it so many times, each after a while of being attached; for half of them what was under way is lost before. */
  async cut(count: number, random: () => number): Promise<void> {
    while (this.cuts < count) {
      await eventually(() => this.isOpen, ONE_MS);
      await new Promise((resolve) => setTimeout(resolve, random() * 150));
      if (!this.isOpen) continue;
      await this.line.cut(random() < 0.5 ? 0 : random() * 30);
      await eventually(() => !this.isOpen, ONE_MS);
      this.cuts += 1;
    }
  }
}

export class ConversationReader extends ReaderOnALine {
  readonly #feed = conversationFeed();
  /** The same stream, delivery by delivery: each event as it was applied. */
  readonly #record = new NumberedFeed<readonly unknown[], unknown, ConversationView>(
    { empty: [], apply: (events, event) => [...events, event], replace: () => [] },
    z.unknown().transform(readAgentEvent),
    ConversationSnapshot,
  );
  readonly #live: LiveStream;

  static async start(entered: Entered, agentSessionId: string): Promise<ConversationReader> {
    return new ConversationReader(await CuttingRelay.start(entered.url), entered, agentSessionId);
  }

  private constructor(line: CuttingRelay, entered: Entered, agentSessionId: string) {
    super(line);
    this.#live = new LiveStream({
      path: () => this.#feed.attachPath(conversationPath(agentSessionId)),
      onMessage: (data) => {
        if (typeof data !== 'string') return 'attach-again';
        this.#record.accept(data);
        return this.#feed.accept(data);
      },
      onStatus: ({ state }) => (this.isOpen = state === 'open'),
      dials: [dialOver(entered, line.port)],
    });
    this.#live.start();
  }

  get view(): ConversationView {
    return this.#feed.state.view;
  }

  get isWhole(): boolean {
    return this.#feed.state.ready && !this.#feed.state.gap;
  }

  /** Every event in the order of its coming, since the last snapshot. */
  get events(): readonly unknown[] {
    return this.#record.state.view;
  }

  close(): void {
    this.#live.stop();
    this.line.close();
  }
}

const TAIL_CHARACTERS = 8_192;

export class TerminalReader extends ReaderOnALine {
  readonly #chunks: Uint8Array[] = [];
  /** The newest of it, to look at often. */
  #tail = '';
  readonly link: TerminalLink;
  /** Screens that stood for output, and gaps: after the first one, there is none while all of it is kept. */
  screens = 0;
  gaps = 0;

  static async start(entered: Entered, path: string): Promise<TerminalReader> {
    return new TerminalReader(await CuttingRelay.start(entered.url), entered, path);
  }

  private constructor(line: CuttingRelay, entered: Entered, path: string) {
    super(line);
    this.link = new TerminalLink({
      path,
      writer: crypto.randomUUID(),
      display: {
        reset: () => (this.screens += 1),
        write: (data) => {
          this.#chunks.push(data.slice());
          this.#tail = (this.#tail + Buffer.from(data).toString('latin1')).slice(-TAIL_CHARACTERS);
        },
        resize: () => undefined,
        exited: () => undefined,
        gap: () => (this.gaps += 1),
      },
      onStatus: ({ state }) => (this.isOpen = state === 'open'),
      dials: [dialOver(entered, line.port)],
    });
    this.link.start();
  }

  /** Every byte that was printed, in the order of its coming. */
  get output(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  /** Waits until it is among the newest output. @throws when it does not come to that, with what there is */
  async until(printed: RegExp): Promise<void> {
    await eventually(() => printed.test(this.#tail), LONG_MS).catch(() => {
      throw new Error(`${printed} was not printed, but ${JSON.stringify(this.#tail.slice(-500))}`);
    });
  }

  close(): void {
    this.link.stop();
    this.line.close();
  }
}
