import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { encodeScreen, type TerminalEvent } from './terminal-event.js';

/** The screen of a terminal as a newcomer must find it: the same emulator as in the page, without a page. */
export class TerminalScreen {
  readonly #terminal: InstanceType<typeof headless.Terminal>;
  readonly #serializer = new SerializeAddon();
  #behind = 0;

  constructor(size: { columns: number; rows: number; scrollback: number }) {
    const { columns: cols, rows, scrollback } = size;
    this.#terminal = new headless.Terminal({ cols, rows, scrollback, allowProposedApi: true });
    this.#terminal.loadAddon(this.#serializer);
  }

  /** What programs ask their terminal (where is the cursor, what are you) is answered here, once, whoever looks. */
  onAnswer(listener: (data: string) => void): void {
    this.#terminal.onData(listener);
  }

  /** Bytes that it was given and has not drawn yet. */
  get behindBytes(): number {
    return this.#behind;
  }

  apply(event: TerminalEvent): void {
    if (event.kind === 'resize') this.#terminal.resize(event.columns, event.rows);
    if (event.kind !== 'output') return;
    const { length } = event.data;
    this.#behind += length;
    this.#terminal.write(event.data, () => {
      this.#behind -= length;
    });
  }

  /** Once everything it was given is drawn. */
  drawn(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write('', resolve));
  }

  /** What draws the screen as it is, with the lines above it. */
  encode(): Uint8Array {
    const { cols: columns, rows } = this.#terminal;
    return encodeScreen({ columns, rows, drawing: this.#serializer.serialize() });
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
