import { AileronError } from '@aileron/errors';
import type { TransportOptions } from './transport.js';

/** A signal for one call: the caller's, and the deadline. Disposed at its end, so that no timer outlives a call. */
export class CallSignal implements Disposable {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly onAbort: () => void;

  constructor(private readonly options: TransportOptions) {
    this.onAbort = () => this.controller.abort(new AileronError('CANCELLED'));
    if (options.signal.aborted) this.onAbort();
    else options.signal.addEventListener('abort', this.onAbort, { once: true });
    if (options.deadline !== null) {
      const left = Math.max(0, options.deadline - Date.now());
      this.timer = setTimeout(() => this.controller.abort(new AileronError('DEADLINE_EXCEEDED')), left);
      this.timer.unref();
    }
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(): void {
    this.controller.abort(new AileronError('CANCELLED'));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.options.signal.removeEventListener('abort', this.onAbort);
  }
}

export const callSignal = (options: TransportOptions): CallSignal => new CallSignal(options);

/** The promise, or the signal's reason when that comes first. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    throw signal.reason;
  }
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    promise.catch(() => undefined);
  }
}
