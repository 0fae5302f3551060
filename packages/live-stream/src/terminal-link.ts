import { TerminalNotice, type TerminalInput } from '@aileron/contracts/workspace';
import { jsonOf } from './json-of.js';
import { LiveStream, type LiveStreamOptions, type StreamAnswer } from './live-stream.js';
import { TerminalFeed, type TerminalDisplay } from './terminal-feed.js';
import { TypedInput } from './typed-input.js';

export interface TerminalLinkOptions extends Pick<LiveStreamOptions, 'dials' | 'onStatus' | 'wakes'> {
  /** Where it is attached. */
  readonly path: string;
  readonly display: TerminalDisplay;
  /** Who types: another one for each link, such as a UUID. */
  readonly writer: string;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A terminal as somebody uses it: what it prints and what is typed, each once and in order, over cuts. */
export class TerminalLink {
  readonly #feed: TerminalFeed;
  readonly #live: LiveStream;
  readonly #typed: TypedInput;
  #size: TerminalSize | null = null;

  constructor({ path, display, writer, onStatus, ...connecting }: TerminalLinkOptions) {
    this.#feed = new TerminalFeed(display);
    this.#typed = new TypedInput((piece) => this.#say({ type: 'input', writer, ...piece }));
    this.#live = new LiveStream({
      ...connecting,
      path: () => this.#feed.attachPath(path),
      onMessage: (data) => (typeof data === 'string' ? this.#hear(data) : this.#feed.accept(data)),
      onStatus: (status) => {
        if (status.state === 'open') this.#opened();
        else this.#typed.detached();
        onStatus(status);
      },
    });
  }

  /** Everything that was typed has arrived. */
  get isTyped(): boolean {
    return this.#typed.isEmpty;
  }

  start(): void {
    this.#live.start();
  }

  stop(): void {
    this.#typed.detached();
    this.#live.stop();
  }

  retryNow(): void {
    this.#live.retryNow();
  }

  /** False: it is not taken, for too much waits already. */
  type(data: string): boolean {
    return this.#typed.type(data);
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    this.#say({ type: 'resize', ...size });
  }

  #opened(): void {
    if (this.#size !== null) this.#say({ type: 'resize', ...this.#size });
    this.#typed.attached();
  }

  #hear(text: string): StreamAnswer {
    const notice = TerminalNotice.safeParse(jsonOf(text)).data;
    if (notice !== undefined) this.#typed.accepted(notice.number);
    return 'go-on';
  }

  #say(input: TerminalInput): void {
    this.#live.send(JSON.stringify(input));
  }
}
