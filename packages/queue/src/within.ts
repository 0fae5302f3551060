import { AileronError } from '@aileron/errors';

/**
 * The result of a call to the queue's server, at most so much later. Also because a call to a BullMQ connection
 * that is closing never settles.
 * @throws QUEUE_UNAVAILABLE
 */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AileronError('QUEUE_UNAVAILABLE', { timeoutMs })), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
