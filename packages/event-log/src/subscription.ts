import type { Delivery, GapReason, NumberedEvent, StreamPosition } from '@aileron/contracts/streams';
import type { OpenStream } from './open-stream.js';
import { planAttach } from './plan-attach.js';
import { openSnapshot } from './snapshot-envelope.js';
import type { StoredHead, StoredPage } from './stream-storage.port.js';

/** Some deliveries, and the place after them; null is before anything was given. */
interface Batch<E, S> {
  readonly deliveries: readonly Delivery<E, S>[];
  readonly at: StreamPosition | null;
}

/**
 * Everything after a place, for as long as the signal lets it. A subscriber is a place and nothing else: it reads the
 * newest entries or the storage at its own pace, so it can neither miss what comes between reading and listening, nor
 * fill the memory by being slow.
 */
export async function* follow<E, S>(
  stream: OpenStream<E, S>,
  from: StreamPosition | null,
  signal: AbortSignal,
): AsyncGenerator<Delivery<E, S>, void> {
  let at = from;
  let live = false;
  while (!signal.aborted) {
    if (stream.ended !== null) return yield { type: 'end', reason: stream.ended };
    const batch = nextRecent(stream, at) ?? (await nextStored(stream, at));
    for (const delivery of batch.deliveries) {
      if (delivery.type === 'gap' || delivery.type === 'snapshot') live = false;
      yield delivery;
      if (signal.aborted) return;
    }
    at = batch.at;
    if (at === null || !endsAt(stream, at)) continue;
    if (!live) yield { type: 'live', at };
    live = true;
    await stream.moved(at, signal);
  }
}

const endsAt = <E, S>({ end }: OpenStream<E, S>, at: StreamPosition): boolean =>
  end.epoch === at.epoch && end.seq === at.seq;

/** What follows from memory; null when it has to be read. */
function nextRecent<E, S>(stream: OpenStream<E, S>, at: StreamPosition | null): Batch<E, S> | null {
  if (at?.epoch !== stream.head.epoch) return null;
  if (endsAt(stream, at)) return { deliveries: [], at };
  const { pageBytes, pageEvents } = stream.context.limits;
  const entries = stream.recent.after(at.seq, { maxBytes: pageBytes, maxEntries: pageEvents });
  return entries === null ? null : eventsAfter(stream, at, entries);
}

async function nextStored<E, S>(stream: OpenStream<E, S>, at: StreamPosition | null): Promise<Batch<E, S>> {
  const known = stream.head;
  const page = await stream.read(at?.seq ?? -1);
  if (page === null) {
    stream.close('removed');
    return { deliveries: [], at };
  }
  if (page.head.epoch !== known.epoch || page.head.lastSeq < known.lastSeq) {
    await stream.refresh();
    return { deliveries: [], at };
  }
  stream.notice(page.head);
  const plan = planAttach(at, page.head);
  if (plan.name === 'tail' && at !== null) return eventsAfter(stream, at, page.entries);
  if (plan.name !== 'start-over') return fromBase(stream, page, { from: at, lacking: null });
  return startOver(stream, at, plan.reason);
}

async function startOver<E, S>(
  stream: OpenStream<E, S>,
  from: StreamPosition | null,
  reason: GapReason,
): Promise<Batch<E, S>> {
  const page = await stream.read(-1);
  if (page === null) return { deliveries: [], at: from };
  return fromBase(stream, page, { from, lacking: reason });
}

/** `lacking`: what the client has cannot be continued, and it is told so first. */
function fromBase<E, S>(
  stream: OpenStream<E, S>,
  { head, snapshot, entries }: StoredPage,
  { from, lacking }: { from: StreamPosition | null; lacking: GapReason | null },
): Batch<E, S> {
  const at = { epoch: head.epoch, seq: head.baseSeq };
  const base = readBase(stream, head, snapshot);
  const reason = lacking ?? base.lacking;
  const deliveries: Delivery<E, S>[] = reason === null ? [] : [{ type: 'gap', reason, from, at }];
  if (base.view !== null) deliveries.push({ type: 'snapshot', at, snapshot: base.view.value });
  const tail = eventsAfter(stream, at, entries);
  return { deliveries: [...deliveries, ...tail.deliveries], at: tail.at };
}

interface Base<S> {
  readonly view: { readonly value: S } | null;
  readonly lacking: GapReason | null;
}

function readBase<E, S>({ context }: OpenStream<E, S>, { baseSeq }: StoredHead, sealed: Uint8Array | null): Base<S> {
  if (sealed === null) return { view: null, lacking: baseSeq > 0 ? 'trimmed' : null };
  try {
    const { view, complete } = openSnapshot(sealed);
    const value = view === null ? null : { value: context.codec.decodeSnapshot(view) };
    return { view: value, lacking: complete ? null : 'trimmed' };
  } catch {
    return { view: null, lacking: 'unreadable' };
  }
}

/** Entries as events; one that cannot be read is a gap of its own. */
function eventsAfter<E, S>(
  { context }: OpenStream<E, S>,
  from: StreamPosition,
  entries: readonly Uint8Array[],
): Batch<E, S> {
  const { epoch } = from;
  const deliveries: Delivery<E, S>[] = [];
  let events: NumberedEvent<E>[] = [];
  const flush = () => {
    if (events.length > 0) deliveries.push({ type: 'events', epoch, events });
    events = [];
  };
  let { seq } = from;
  for (const entry of entries) {
    seq += 1;
    try {
      events.push({ seq, event: context.codec.decodeEvent(entry) });
    } catch {
      flush();
      deliveries.push({ type: 'gap', reason: 'unreadable', from: { epoch, seq: seq - 1 }, at: { epoch, seq } });
    }
  }
  flush();
  return { deliveries, at: { epoch, seq } };
}
