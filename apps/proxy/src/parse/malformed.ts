import { AileronError } from '@aileron/errors';

/** A request that two readers could read in two ways. `reason` is constant text: nothing of the request is in it. */
export function malformed(reason: string): AileronError {
  return new AileronError('REQUEST_MALFORMED', { reason });
}
