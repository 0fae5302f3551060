import { AileronError } from '@aileron/errors';
import { untilAborted, type SignalSource } from './call-signal.js';

export interface Visit extends Disposable {
  /** The caller's signal, and the end of the service. Made when it is asked for. */
  readonly signal: AbortSignal;
}

/**
 * The door of one service. Calls that come before it is ready wait, as long as they have; while it drains, new calls are
 * refused, streams end, and calls in flight have a bounded time to finish.
 */
export class ServiceGate {
  readonly #opened = Promise.withResolvers<void>();
  readonly #endStreams = new AbortController();
  readonly #endCalls = new AbortController();
  readonly #empty = Promise.withResolvers<void>();
  #state: 'starting' | 'open' | 'closed' = 'starting';
  #visits = 0;

  constructor(private readonly service: string) {}

  open(): void {
    if (this.#state !== 'starting') return;
    this.#state = 'open';
    this.#opened.resolve();
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** @throws AileronError UNAVAILABLE, or the signal's reason while it waits */
  enter(kind: 'unary' | 'stream', caller: SignalSource): Visit | Promise<Visit> {
    if (this.#state !== 'starting') return this.admit(kind, caller);
    return untilAborted(this.#opened.promise, caller.signal).then(() => this.admit(kind, caller));
  }

  /** Resolves when the last call has left, at the latest after the given time. */
  async close(withinMs: number): Promise<void> {
    this.#state = 'closed';
    this.#opened.resolve();
    this.#endStreams.abort(this.unavailable());
    if (this.#visits > 0) {
      const timer = setTimeout(this.#empty.resolve, withinMs);
      await this.#empty.promise;
      clearTimeout(timer);
    }
    this.#endCalls.abort(this.unavailable());
  }

  private admit(kind: 'unary' | 'stream', caller: SignalSource): Visit {
    if (this.#state === 'closed') throw this.unavailable();
    const ending = kind === 'stream' ? this.#endStreams : this.#endCalls;
    this.#visits++;
    return new GateVisit(caller, ending.signal, this.#left);
  }

  readonly #left = (): void => {
    if (--this.#visits === 0 && this.#state === 'closed') this.#empty.resolve();
  };

  private unavailable(): AileronError {
    return new AileronError('UNAVAILABLE', { service: this.service });
  }
}

class GateVisit implements Visit {
  #signal: AbortSignal | undefined;

  constructor(
    private readonly caller: SignalSource,
    private readonly ending: AbortSignal,
    private readonly left: () => void,
  ) {}

  get signal(): AbortSignal {
    return (this.#signal ??= AbortSignal.any([this.caller.signal, this.ending]));
  }

  [Symbol.dispose](): void {
    this.left();
  }
}
