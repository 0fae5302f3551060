/**
 * Signals that end a call after `ms`, or up to twice as late: calls that begin close together share one, since a timer
 * for each costs more than the call.
 */
export function sharedDeadline(ms: number): () => AbortSignal {
  let fresh = AbortSignal.abort();
  let deadline = fresh;
  return () => {
    if (fresh.aborted) {
      fresh = AbortSignal.timeout(ms);
      deadline = AbortSignal.timeout(2 * ms);
    }
    return deadline;
  };
}
