import { AileronError } from '@aileron/errors';
import type { EventLog } from '@aileron/event-log';
import { openPty, type Pty } from './pty.js';
import { encodeTerminalEvent, type TerminalEvent } from './terminal-event.js';
import { TerminalScreen } from './terminal-screen.js';

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

/** Output that was read and is neither stored nor drawn: above the first the program waits, below the second it goes on. */
const PAUSE_ABOVE_BYTES = 2 << 20;
const RESUME_BELOW_BYTES = 512 << 10;
/** After so much output the screen stands for what was before. */
const SCREEN_EVERY_BYTES = 1 << 20;
/** A program that never rests is made to, so that what is kept stays bounded. */
const SCREEN_AT_LATEST_BYTES = 4 << 20;
const LARGEST_CHUNK_BYTES = 64 << 10;
const HANGUP_MS = 2_000;

/**
 * One terminal: a program on a pseudo-terminal, its output as a numbered stream, and its screen. It goes on whether
 * anybody looks or not.
 */
export class WorkspaceTerminal {
  readonly #pty: Pty;
  readonly #screen: TerminalScreen;
  readonly #ended = Promise.withResolvers<void>();
  #size: TerminalSize;
  #exitCode: number | null = null;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #sinceScreen = 0;
  #paused = false;
  #pumping: Promise<void> | null = null;

  constructor(
    private readonly options: OpenTerminal,
    private readonly log: TerminalLog,
    private readonly onFault: (error: unknown) => void,
  ) {
    const { columns, rows, scrollback } = options;
    this.#size = { columns, rows };
    this.#screen = new TerminalScreen({ columns, rows, scrollback });
    this.#pty = openPty(options);
    this.#screen.onAnswer((data) => this.#pty.write(Buffer.from(data)));
    this.#pty.onData((data) => this.#take(data));
    this.#pty.onExit(({ exitCode }) => this.#exited(exitCode));
  }

  get view() {
    const { terminalId, title } = this.options;
    return { terminalId, title, ...this.#size, exitCode: this.#exitCode };
  }

  /** Keys, as bytes. @throws AileronError PRECONDITION_FAILED when the program has ended */
  write(data: Uint8Array): void {
    this.#assertRuns();
    this.#pty.write(data);
  }

  resize(size: TerminalSize): void {
    this.#assertRuns();
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#pty.resize(size.columns, size.rows);
    this.#push({ kind: 'resize', ...size });
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

  #assertRuns(): void {
    if (this.#exitCode !== null) throw new AileronError('PRECONDITION_FAILED', { reason: 'the program has ended' });
  }

  #take(data: Buffer): void {
    for (let from = 0; from < data.length; from += LARGEST_CHUNK_BYTES)
      this.#push({ kind: 'output', data: data.subarray(from, from + LARGEST_CHUNK_BYTES) });
    const tooFar = this.#waitingBytes > PAUSE_ABOVE_BYTES || this.#sinceScreen > SCREEN_AT_LATEST_BYTES;
    if (!this.#paused && tooFar) {
      this.#paused = true;
      this.#pty.pause();
    }
  }

  get #waitingBytes(): number {
    return this.#pendingBytes + this.#screen.behindBytes;
  }

  #push(event: TerminalEvent): void {
    const encoded = encodeTerminalEvent(event);
    this.#pending.push(encoded);
    this.#pendingBytes += encoded.length;
    this.#screen.apply(event);
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = null;
    });
  }

  /** Stores what came, in order, and lets the program go on when there is room. */
  async #pump(): Promise<void> {
    while (this.#pending.length > 0) {
      const events = this.#pending.splice(0, 256);
      const bytes = events.reduce((total, { length }) => total + length, 0);
      try {
        await this.log.append(this.options.terminalId, events);
      } catch (error) {
        // What could not be stored is lost, and a new history says so.
        this.onFault(error);
        await this.log.beginEpoch(this.options.terminalId, this.#screen.encode()).catch(this.onFault);
      }
      this.#pendingBytes -= bytes;
      this.#sinceScreen += bytes;
      if (this.#pending.length > 0) continue;
      if (this.#sinceScreen > SCREEN_EVERY_BYTES) await this.#keepScreen();
      if (this.#paused) await this.#goOn();
    }
  }

  async #goOn(): Promise<void> {
    if (this.#screen.behindBytes > RESUME_BELOW_BYTES) await this.#screen.drawn();
    this.#paused = false;
    this.#pty.resume();
  }

  /** Between two events: nothing is pending, and the screen has drawn all that is stored. */
  async #keepScreen(): Promise<void> {
    const at = await this.log.position(this.options.terminalId);
    await this.#screen.drawn();
    if (this.#pending.length > 0) return;
    await this.log.installSnapshot(this.options.terminalId, at, this.#screen.encode());
    this.#sinceScreen = 0;
  }

  #exited(code: number): void {
    this.#exitCode = code;
    this.#push({ kind: 'exit', code });
    this.#ended.resolve();
  }
}
