import { AileronError } from '@aileron/errors';
import type { TransportOptions } from './transport.js';

type Bounds = Pick<TransportOptions, 'signal' | 'deadline'>;

/**
 * A signal for one call: the caller's, and the deadline. Most calls are over before either could come, so that neither is
 * listened to before somebody asks for the signal. Disposed at the call's end, so that no timer outlives it.
 */
export class CallSignal implements Disposable {
  #controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onAbort: (() => void) | undefined;

  constructor(private readonly bounds: Bounds) {}

  get signal(): AbortSignal {
    return (this.#controller ?? this.#listen()).signal;
  }

  abort(): void {
    (this.#controller ?? this.#listen()).abort(new AileronError('CANCELLED'));
  }

  /** CANCELLED or DEADLINE_EXCEEDED for a call that is over before it began. */
  assertNotOver(): void {
    if (this.bounds.signal.aborted) throw new AileronError('CANCELLED');
    if (this.bounds.deadline !== null && this.bounds.deadline <= Date.now())
      throw new AileronError('DEADLINE_EXCEEDED');
  }

  [Symbol.dispose](): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#onAbort !== undefined) this.bounds.signal.removeEventListener('abort', this.#onAbort);
  }

  #listen(): AbortController {
    const { signal, deadline } = this.bounds;
    const controller = (this.#controller = new AbortController());
    this.#onAbort = () => controller.abort(new AileronError('CANCELLED'));
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
    if (deadline !== null) {
      const left = Math.max(0, deadline - Date.now());
      this.#timer = setTimeout(() => controller.abort(new AileronError('DEADLINE_EXCEEDED')), left);
      this.#timer.unref();
    }
    return controller;
  }
}

export const callSignal = (bounds: Bounds): CallSignal => new CallSignal(bounds);

/** The promise, or the signal's reason when that comes first. What the promise does later is nobody's concern. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    promise.catch(() => undefined);
  }
}

/** Whoever has a signal, which is made when it is asked for. */
export interface SignalSource {
  readonly signal: AbortSignal;
}

/** Calls whose handlers have run for less than a turn of the event loop. */
let young: (() => void)[] = [];

/** As `untilAborted`; the signal is looked at only when the promise has not settled in this turn of the event loop. */
export function unlessAborted<T>(promise: Promise<T>, source: SignalSource): Promise<T> {
  return new Promise((resolve, reject) => {
    let settled = false;
    promise.then(
      (value) => {
        settled = true;
        resolve(value);
      },
      (error: unknown) => {
        settled = true;
        reject(error as Error);
      },
    );
    if (young.length === 0) setImmediate(growUp);
    young.push(() => {
      if (!settled) untilAborted(promise, source.signal).then(resolve, reject);
    });
  });
}

function growUp(): void {
  const grown = young;
  young = [];
  for (const watch of grown) watch();
}
