import { StreamNotice } from '@aileron/contracts/workspace';
import { jsonOf } from './json-of.js';
import type { Dial, StreamSocket } from './stream-socket.js';

export type StreamStatus =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  /** Cut; it is tried again at `retryAt` (milliseconds since 1970). */
  | { readonly state: 'cut'; readonly retryAt: number }
  /** The service refuses it: trying again changes nothing. */
  | { readonly state: 'refused'; readonly code: string; readonly message: string }
  /** There is nothing to attach to any more. */
  | { readonly state: 'removed' };

/** What to do after a message. */
export type StreamAnswer = 'go-on' | 'attach-again' | 'removed';

export interface LiveStreamOptions {
  /** The path with the place that was reached, asked at each attempt. */
  readonly path: () => string;
  readonly onMessage: (data: string | Uint8Array) => StreamAnswer;
  readonly onStatus: (status: StreamStatus) => void;
  /** How to connect, the first way first; the next one is taken after a few attempts that never opened. */
  readonly dials: readonly Dial[];
  /** Calls it when trying again is worth it at once: there is a network again. Returns how to stop that. */
  readonly wakes?: (wake: () => void) => () => void;
  readonly now?: () => number;
  /** From 0 up to 1: attempts of many clients are spread by it. */
  readonly random?: () => number;
}

/** A sign of life comes every 15 s: after three of them missing the line is dead, whatever the browser thinks. */
const SILENCE_MS = 45_000;
/** Refusals of a service that has to do with itself: what is asked for may be there again in a moment. */
const PASSING = new Set([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'INTERNAL',
  'RATE_LIMITED',
  'DATABASE_UNAVAILABLE',
]);
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [250, 10_000];
const ATTEMPTS_PER_WAY = 3;

/** Stays attached to a stream: over cuts, sleep and restarts of what serves it. */
export class LiveStream {
  readonly #now: () => number;
  readonly #random: () => number;
  #unwake: (() => void) | undefined;
  #socket: StreamSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #neverOpened = 0;
  #stopped = true;

  constructor(private readonly options: LiveStreamOptions) {
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#unwake = this.options.wakes?.(() => this.retryNow());
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#unwake?.();
    this.#drop();
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  /** Not later: the network is back, or somebody pressed the button. */
  retryNow(): void {
    if (this.#stopped || this.#socket !== null) return;
    this.#connect();
  }

  #connect(): void {
    this.#drop();
    this.options.onStatus({ state: 'connecting' });
    const { dials } = this.options;
    const dial = dials[Math.floor(this.#neverOpened / ATTEMPTS_PER_WAY) % dials.length];
    if (dial === undefined) return;
    let current = true;
    const socket = dial(this.options.path(), {
      onOpen: () => {
        if (!current) return;
        this.#neverOpened = 0;
        this.#heard();
        this.options.onStatus({ state: 'open' });
      },
      onMessage: (data) => {
        if (current) this.#receive(data);
      },
      onEnd: (opened) => {
        if (current) this.#ended(opened);
      },
    });
    this.#socket = {
      send: (text) => socket.send(text),
      close: () => {
        current = false;
        socket.close();
      },
    };
  }

  #receive(data: string | Uint8Array): void {
    this.#heard();
    const notice = typeof data === 'string' ? noticeIn(data) : null;
    if (notice?.type === 'heartbeat') return;
    if (notice?.type === 'refused' && PASSING.has(notice.code)) return this.#ended(true);
    if (notice?.type === 'refused') {
      this.#end({ state: 'refused', code: notice.code, message: notice.message });
      return;
    }
    const answer = this.options.onMessage(data);
    // What arrives whole is what ends a row of failures: a service that opens and drops stays one.
    this.#failures = 0;
    if (answer === 'removed') this.#end({ state: 'removed' });
    else if (answer === 'attach-again') this.#ended(true);
  }

  #ended(opened: boolean): void {
    this.#drop();
    if (this.#stopped) return;
    if (!opened) this.#neverOpened += 1;
    this.#failures += 1;
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    const wait = longest * (0.5 + this.#random() / 2);
    this.options.onStatus({ state: 'cut', retryAt: this.#now() + wait });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #end(status: StreamStatus): void {
    this.stop();
    this.options.onStatus(status);
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#ended(true), SILENCE_MS);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#socket?.close();
    this.#socket = null;
  }
}

function noticeIn(text: string): StreamNotice | null {
  if (!text.startsWith('{"type":"heartbeat"') && !text.startsWith('{"type":"refused"')) return null;
  return StreamNotice.safeParse(jsonOf(text)).data ?? null;
}
