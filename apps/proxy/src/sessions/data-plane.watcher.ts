import { AileronError } from '@aileron/errors';
import { type DataPlane, type DataPlaneEvent } from '../ports/data-plane.port.js';
import { type ServingLease } from './serving-lease.js';

export interface DataPlaneWatcherOptions {
  readonly dataPlane: DataPlane;
  readonly proxyId: string;
  readonly version: string;
  readonly lease: ServingLease;
  /** Called in order, one at a time. */
  readonly onEvent: (event: DataPlaneEvent) => Promise<void>;
  /** The lease ran out: nothing may go on. Called once each time. */
  readonly onLapse: () => void;
  readonly warn: (event: string, detail: Record<string, unknown>) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A heartbeat comes at least every 15 s: a connection this silent is a dead one. */
const SILENCE_MS = 35_000;
const LOOK_MS = 250;

/** Keeps hearing what the management plane says, and notices when it does not. */
export class DataPlaneWatcher {
  readonly #options: DataPlaneWatcherOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #served = false;

  constructor(options: DataPlaneWatcherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stop.abort();
    await this.#running;
  }

  #look(): void {
    const { lease, onLapse, warn } = this.#options;
    if (lease.alive || !this.#served) return;
    this.#served = false;
    warn('data-plane.lease-lapsed', {});
    onLapse();
  }

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#stop.signal.aborted) {
      try {
        if (await this.#watchOnce()) pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        this.#options.warn('data-plane.watch-failed', { code: AileronError.from(error).code });
      }
      await this.#pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** True when something was heard. */
  async #watchOnce(): Promise<boolean> {
    const { dataPlane, proxyId, version, onEvent } = this.#options;
    const silence = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, silence.signal]);
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    let heard = false;
    try {
      for await (const event of dataPlane.watch({ proxyId, version, signal })) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        if (!heard && event.kind !== 'snapshot') throw new AileronError('INTERNAL', { reason: 'no-snapshot' });
        heard = true;
        this.#renew(event);
        await onEvent(event);
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
    }
    return heard;
  }

  #renew(event: DataPlaneEvent): void {
    const { lease } = this.#options;
    if (event.kind === 'snapshot') lease.begin(event.leaseSeconds);
    else lease.renew();
    this.#served = true;
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
