import { AileronError } from '@aileron/errors';

/** Ends a call of the storage at its deadline, whatever the storage does about it. */
export async function storageCall<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new DOMException('the storage did not answer in time', 'TimeoutError'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([call(signal), aborted.promise]);
  } catch (cause) {
    throw new AileronError('UNAVAILABLE', { reason: 'event-storage' }, { cause });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
