import { setTimeout as delay } from 'node:timers/promises';
import { AileronError } from '@aileron/errors';
import type { EventLog } from '@aileron/event-log';
import { openPty, type Pty } from './pty.js';
import { encodeOutput, encodeTerminalEvent, OUTPUT_HEAD_BYTES, type TerminalEvent } from './terminal-event.js';
import { TerminalScreen } from './terminal-screen.js';
import { TypedOnce, type TypedPiece } from './typed-once.js';

export type TerminalLog = EventLog<Uint8Array, Uint8Array>;

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface OpenTerminal extends TerminalSize {
  readonly terminalId: string;
  readonly title: string;
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly scrollback: number;
}

/** Output that was read and is not stored: above the first the program waits, below the second it goes on. */
const PAUSE_ABOVE_BYTES = 2 << 20;
const RESUME_BELOW_BYTES = 512 << 10;
/** After so much output the screen stands for what was before. */
const SCREEN_EVERY_BYTES = 8 << 20;
/** A newcomer is shown the screen rather than more output than this. */
const SCREEN_FOR_NEWCOMER_BYTES = 256 << 10;
const LARGEST_CHUNK_BYTES = 64 << 10;
/** Nobody types this: what comes right after it is stored with it, for each append has a cost. */
const MUCH_BYTES = 1_024;
const MUCH_WAITS_MS = 2;
const HANGUP_MS = 2_000;

/**
 * One terminal: a program on a pseudo-terminal, its output as a numbered stream, and its screen. It goes on whether
 * anybody looks or not.
 */
export class WorkspaceTerminal {
  readonly #pty: Pty;
  readonly #screen: TerminalScreen;
  readonly #ended = Promise.withResolvers<void>();
  readonly #typed = new TypedOnce();
  #size: TerminalSize;
  #exitCode: number | null = null;
  /** What is to be stored: output as it came, and other events. */
  #pending: TerminalEvent[] = [];
  #pendingBytes = 0;
  #sinceScreen = 0;
  #paused = false;
  #pumping: Promise<void> | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: OpenTerminal,
    private readonly log: TerminalLog,
    private readonly onFault: (error: unknown) => void,
  ) {
    const { columns, rows, scrollback } = options;
    this.#size = { columns, rows };
    this.#screen = new TerminalScreen({ columns, rows, scrollback });
    this.#pty = openPty(options);
    this.#screen.onAnswer((data) => this.#pty.input.write(Buffer.from(data)));
    this.#pty.onData((data) => this.#take(data));
    this.#pty.onExit(({ exitCode }) => this.#exited(exitCode));
  }

  get view() {
    const { terminalId, title } = this.options;
    return { terminalId, title, ...this.#size, exitCode: this.#exitCode };
  }

  /**
   * Keys, as bytes.
   * @throws AileronError PRECONDITION_FAILED when the program has ended; RATE_LIMITED when it does not read what was typed
   */
  write(data: Uint8Array): void {
    this.#assertTakes(data);
    this.#pty.input.write(data);
  }

  /** Keys that may come again after a cut: typed once. @throws as `write` */
  writeOnce(data: Uint8Array, piece: TypedPiece): void {
    this.#assertTakes(data);
    if (this.#typed.isNew(piece)) this.#pty.input.write(data);
  }

  resize(size: TerminalSize): void {
    this.#assertRuns();
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#pty.resize(size.columns, size.rows);
    this.#push({ kind: 'resize', ...size });
  }

  /** Before a newcomer comes: the screen stands for what was, if that is much. */
  prepareForNewcomer(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#sinceScreen > SCREEN_FOR_NEWCOMER_BYTES) await this.#keepScreen();
    });
  }

  /** Hangs up; what does not end by that is killed. */
  async close(): Promise<void> {
    if (this.#exitCode === null) {
      this.#pty.kill('SIGHUP');
      const timer = setTimeout(() => this.#pty.kill('SIGKILL'), HANGUP_MS);
      await this.#ended.promise;
      clearTimeout(timer);
    }
    await this.#pumping;
    this.#screen.dispose();
  }

  #assertTakes({ length }: Uint8Array): void {
    this.#assertRuns();
    const { input } = this.#pty;
    if (input.hasRoom(length)) return;
    throw new AileronError('RATE_LIMITED', { reason: 'the program does not read', limitBytes: input.limitBytes });
  }

  #assertRuns(): void {
    if (this.#exitCode !== null) throw new AileronError('PRECONDITION_FAILED', { reason: 'the program has ended' });
  }

  #take(data: Buffer): void {
    this.#push({ kind: 'output', data });
    if (this.#paused || this.#pendingBytes <= PAUSE_ABOVE_BYTES) return;
    this.#paused = true;
    this.#pty.pause();
  }

  #push(event: TerminalEvent): void {
    this.#pending.push(event);
    if (event.kind === 'output') this.#pendingBytes += event.data.length;
    const isMuch = event.kind === 'output' && event.data.length >= MUCH_BYTES;
    this.#pumping ??= this.#pump(isMuch ? MUCH_WAITS_MS : 0);
  }

  /** Stores what came, in order, and lets the program go on when there is room. */
  async #pump(waitMs: number): Promise<void> {
    if (waitMs > 0) await delay(waitMs);
    while (this.#pending.length > 0) await this.#inTurn(() => this.#storePending());
    // In the same breath as the look: what comes later begins another.
    this.#pumping = null;
  }

  /** Between two turns the screen shows what is stored, and nothing else. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(task, task);
    return this.#turn;
  }

  async #storePending(): Promise<void> {
    const { events, bytes } = this.#nextEvents();
    try {
      await this.log.append(this.options.terminalId, events);
    } catch (error) {
      // What could not be stored is lost, and a new history says so.
      this.onFault(error);
      await this.log.beginEpoch(this.options.terminalId, this.#screen.encode()).catch(this.onFault);
    }
    this.#pendingBytes -= bytes;
    this.#sinceScreen += bytes;
    if (this.#paused && this.#pendingBytes < RESUME_BELOW_BYTES) this.#goOn();
    if (this.#sinceScreen > SCREEN_EVERY_BYTES) await this.#keepScreen();
  }

  /** Of what is pending, in as few events as there may be: what is stored and sent has a cost each. */
  #nextEvents(): { readonly events: Uint8Array[]; readonly bytes: number } {
    const events: Uint8Array[] = [];
    let pieces: Uint8Array[] = [];
    let [bytes, length] = [0, 0];
    const close = (): void => {
      if (pieces.length > 0) events.push(this.#shown(encodeOutput(pieces)));
      [pieces, length] = [[], 0];
    };
    for (const event of this.#pending.splice(0, 256)) {
      if (event.kind !== 'output' || length + event.data.length > LARGEST_CHUNK_BYTES) close();
      if (event.kind === 'output') {
        pieces.push(event.data);
        length += event.data.length;
        bytes += event.data.length;
      } else {
        if (event.kind === 'resize') this.#screen.resize(event);
        events.push(encodeTerminalEvent(event));
      }
    }
    close();
    return { events, bytes };
  }

  /** Screen and log share the bytes: what was read piece by piece is spare. */
  #shown(output: Buffer): Buffer {
    this.#screen.write(output.subarray(OUTPUT_HEAD_BYTES));
    return output;
  }

  #goOn(): void {
    this.#paused = false;
    this.#pty.resume();
  }

  async #keepScreen(): Promise<void> {
    const { terminalId } = this.options;
    try {
      const at = await this.log.position(terminalId);
      await this.log.installSnapshot(terminalId, at, this.#screen.encode());
      this.#sinceScreen = 0;
    } catch (error) {
      this.onFault(error);
    }
  }

  #exited(code: number): void {
    this.#exitCode = code;
    this.#push({ kind: 'exit', code });
    this.#ended.resolve();
  }
}
