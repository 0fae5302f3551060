import type { GapReason, StreamPosition } from '@aileron/contracts/streams';
import type { StoredHead } from './stream-storage.port.js';

/** How a client that has read up to some place goes on. */
export type AttachPlan =
  /** Exactly what follows. */
  | { readonly name: 'tail' }
  /** From the base, whose snapshot stands for what the client lacks. */
  | { readonly name: 'from-base' }
  /** From the base, and something of its own cannot be continued. */
  | { readonly name: 'start-over'; readonly reason: Extract<GapReason, 'history-lost' | 'ahead'> };

/** `from` null: the client has nothing yet. */
export function planAttach(from: StreamPosition | null, head: StoredHead): AttachPlan {
  if (from === null) return { name: 'from-base' };
  if (from.epoch !== head.epoch) return { name: 'start-over', reason: 'history-lost' };
  if (from.seq > head.lastSeq) return { name: 'start-over', reason: 'ahead' };
  return from.seq < head.baseSeq ? { name: 'from-base' } : { name: 'tail' };
}
