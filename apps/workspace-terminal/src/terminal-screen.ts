import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { ScreenBacklog } from './screen-backlog.js';
import { encodeScreen } from './terminal-event.js';

/** Drawn at once; then others have their turn. A few milliseconds. */
const SLICE_BYTES = 8 << 10;
const LOOK_EVERY_MS = 8;
/** While more comes, drawing has this share of the time: to draw a megabyte costs more than to carry it. */
const DRAWING_SHARE = 0.15;
/** When so long nothing came, */
const QUIET_MS = 40;
/** or what came has waited so long, it is drawn all the same: there may be a question to the terminal in it. */
const LONGEST_WAIT_MS = 1_000;
/** Before so much is drawn, what nobody will see of it is left out. */
const SHORTEN_ABOVE_BYTES = 128 << 10;
/** Of one screen: it crosses the wire as one message. */
const LARGEST_DRAWING_BYTES = 2 << 20;

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * The screen of a terminal as a newcomer must find it: the same emulator as in the page, without a page. It draws when there
 * is time for it; what it has not drawn is part of the screen as it came.
 */
export class TerminalScreen {
  readonly #terminal: InstanceType<typeof headless.Terminal>;
  readonly #serializer = new SerializeAddon();
  readonly #backlog = new ScreenBacklog();
  readonly #scrollback: number;
  #size: ScreenSize;
  #drawing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #writtenAt = 0;
  #restUntil = 0;
  /** Given to the emulator, which has not drawn it. */
  #inFlight: Buffer | null = null;
  #disposed = false;

  constructor({ scrollback, ...size }: ScreenSize & { readonly scrollback: number }) {
    this.#size = size;
    this.#scrollback = scrollback;
    const { columns: cols, rows } = size;
    this.#terminal = new headless.Terminal({ cols, rows, scrollback, allowProposedApi: true });
    this.#terminal.loadAddon(this.#serializer);
  }

  /** What programs ask their terminal (where is the cursor, what are you) is answered here, once, whoever looks. */
  onAnswer(listener: (data: string) => void): void {
    this.#terminal.onData(listener);
  }

  /** The bytes are kept as they are: not to be used again. */
  write(data: Buffer): void {
    this.#backlog.add(data, this.#lines);
    this.#writtenAt = performance.now();
    if (this.#timer === null && this.#drawing === null) this.#wait(this.#writtenAt);
  }

  resize({ columns, rows }: ScreenSize): void {
    this.#size = { columns, rows };
    this.#terminal.resize(columns, rows);
  }

  /** Once everything that it was given is drawn. */
  async drawn(): Promise<void> {
    while (!this.#disposed && (this.#drawing !== null || this.#backlog.bytes > 0)) {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = null;
      await this.#draw();
    }
  }

  /** What draws the screen as it is, with the lines above it. */
  encode(): Uint8Array {
    if (this.#backlog.bytes > SHORTEN_ABOVE_BYTES) this.#backlog.shorten(this.#lines);
    const rest = [...(this.#inFlight === null ? [] : [this.#inFlight]), ...this.#backlog.chunks];
    const drawing = Buffer.from(this.#serialize(LARGEST_DRAWING_BYTES - this.#backlog.bytes));
    return encodeScreen({ ...this.#size, drawing: Buffer.concat([drawing, ...rest]) });
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#terminal.dispose();
  }

  get #lines(): number {
    return this.#scrollback + this.#size.rows;
  }

  /** With as many lines above as there is room for; what is more than that is not drawn at all. */
  #serialize(mostBytes: number): string {
    for (let scrollback = this.#backlog.isWholePast ? 0 : this.#scrollback; ; scrollback = scrollback >> 1) {
      const drawing = this.#serializer.serialize({ scrollback });
      if (Buffer.byteLength(drawing) <= mostBytes) return drawing;
      if (scrollback === 0) return '';
    }
  }

  #wait(since: number): void {
    if (this.#disposed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const now = performance.now();
      const isDue = now >= this.#restUntil || now - this.#writtenAt >= QUIET_MS || now - since >= LONGEST_WAIT_MS;
      if (isDue) void this.#draw();
      else this.#wait(since);
    }, LOOK_EVERY_MS);
  }

  /** What is there now, slice by slice; what comes meanwhile waits for its time. */
  #draw(): Promise<void> {
    const begunAt = performance.now();
    this.#drawing ??= this.#drawSlices().finally(() => {
      const now = performance.now();
      this.#restUntil = now + (now - begunAt) * (1 / DRAWING_SHARE - 1);
      this.#drawing = null;
      if (this.#backlog.bytes > 0 && this.#timer === null) this.#wait(now);
    });
    return this.#drawing;
  }

  async #drawSlices(): Promise<void> {
    if (this.#backlog.bytes > SHORTEN_ABOVE_BYTES) this.#backlog.shorten(this.#lines);
    for (let left = this.#backlog.bytes; left > 0 && !this.#disposed; left -= SLICE_BYTES) {
      const slice = this.#backlog.take(SLICE_BYTES);
      if (slice === null) return;
      this.#inFlight = slice;
      await new Promise<void>((resolve) =>
        this.#terminal.write(slice, () => {
          this.#inFlight = null;
          resolve();
        }),
      );
    }
  }
}
