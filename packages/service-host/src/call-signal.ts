import { AileronError } from '@aileron/errors';
import type { TransportOptions } from './transport.js';

type Bounds = Pick<TransportOptions, 'signal' | 'deadline'>;

/** A signal for one call: the caller's, and the deadline. Disposed at its end, so that no timer outlives a call. */
export class CallSignal implements Disposable {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly onAbort: () => void;

  constructor(private readonly bounds: Bounds) {
    this.onAbort = () => this.abort();
    if (bounds.signal.aborted) this.onAbort();
    else bounds.signal.addEventListener('abort', this.onAbort, { once: true });
    if (bounds.deadline !== null) {
      const left = Math.max(0, bounds.deadline - Date.now());
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
    this.bounds.signal.removeEventListener('abort', this.onAbort);
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
