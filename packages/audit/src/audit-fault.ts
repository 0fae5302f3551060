import type { AuditPlace } from './audit-chain.js';
import type { AuditLine } from './audit-line.js';

export type AuditFaultReason =
  | 'empty'
  | 'malformed'
  | 'changed'
  | 'missing'
  | 'inserted'
  | 'out-of-order'
  | 'other-stream'
  | 'truncated'
  | 'forked'
  | 'checkpoint-signature'
  | 'checkpoint-mismatch'
  | 'checkpoint-missing';

/** The record that is wrong. `id` is null when the record is not there or cannot be read. */
export interface AuditFault {
  readonly seq: number;
  readonly id: string | null;
  readonly reason: AuditFaultReason;
}

export interface Neighbours {
  /** The place that the line before gives; before the first line, where the chain begins. */
  readonly before: AuditPlace;
  readonly previous: AuditLine | null;
  readonly current: AuditLine;
  readonly following: AuditLine | null;
  /** What a good signature in `current` says about an earlier place. */
  readonly signed: AuditPlace | null;
}

/**
 * Which record is wrong when `current` does not follow `before`, null when it does. A line whose digest the next line
 * names is vouched for, so that the changed one of two neighbours can be told.
 */
export function findFault(place: Neighbours): AuditFault | null {
  const { before, current, following } = place;
  const expected = before.seq + 1;
  const stranger = following !== null && following.prev === before.hash && following.hash !== current.hash;
  if (current.record === null) {
    return { seq: expected, id: current.id, reason: stranger ? 'inserted' : 'malformed' };
  }
  if (current.seq !== expected) return findNumberFault(place, expected, stranger);
  if (current.prev !== before.hash) return findLinkFault(place, expected, stranger);
  return null;
}

function findNumberFault(place: Neighbours, expected: number, stranger: boolean): AuditFault {
  const { before, previous, current, following } = place;
  const seq = current.seq ?? expected;
  const vouched = following?.prev === current.hash;
  if (!vouched && stranger) {
    const early = seq > expected && following?.seq === expected;
    return { seq, id: current.id, reason: early ? 'out-of-order' : 'inserted' };
  }
  if (!vouched && current.prev === before.hash) return { seq: expected, id: current.id, reason: 'changed' };
  if (seq > expected) return { seq: expected, id: null, reason: 'missing' };
  if (previous !== null && previous.seq === seq && previous.prev === current.prev) {
    return { seq, id: vouched ? previous.id : current.id, reason: 'inserted' };
  }
  return { seq, id: current.id, reason: 'out-of-order' };
}

function findLinkFault(place: Neighbours, expected: number, stranger: boolean): AuditFault {
  const { before, previous, current, following, signed } = place;
  const here: AuditFault = { seq: expected, id: current.id, reason: stranger ? 'inserted' : 'changed' };
  if (previous === null) return { ...here, reason: before.seq === 0 ? 'changed' : 'forked' };
  const there: AuditFault = { seq: before.seq, id: previous.id, reason: 'changed' };
  if (signed?.seq === before.seq) return signed.hash === before.hash ? here : there;
  // The last line of all has nobody to vouch for it; most of what can change lies in the one before.
  return following === null || following.prev === current.hash ? there : here;
}
