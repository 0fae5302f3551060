import type { StreamPosition } from '@aileron/contracts/streams';
import { AileronError } from '@aileron/errors';
import type { Fold } from './log-options.js';
import type { OpenStream } from './open-stream.js';
import { openSnapshot, sealSnapshot } from './snapshot-envelope.js';

/** What the events up to a place come to. Not complete when some of them were dropped or could not be read. */
interface Folded<S> {
  readonly view: S | null;
  readonly complete: boolean;
}

/**
 * Folds the events up to a place into the snapshot. Appending and reading go on meanwhile. False when there is nothing
 * to fold, or the base moved in between: then somebody else did it.
 */
export async function compactStream<E, S>(
  stream: OpenStream<E, S>,
  fold: Fold<E, S>,
  upTo: StreamPosition,
): Promise<boolean> {
  const { baseSeq, epoch } = stream.head;
  if (upTo.epoch !== epoch || upTo.seq <= baseSeq) return false;
  const folded = await foldEvents(stream, fold, upTo);
  if (folded === null) return false;
  return moveBase(stream, { from: baseSeq, to: upTo, snapshot: encodeSnapshot(stream, folded) });
}

/** Null when the stream ended before. That the base stayed where it was while this read is seen when it is moved. */
async function foldEvents<E, S>(
  stream: OpenStream<E, S>,
  fold: Fold<E, S>,
  upTo: StreamPosition,
): Promise<Folded<S> | null> {
  const first = await stream.read(-1, 0);
  if (first === null) return null;
  let folded = readFolded(stream, first.snapshot, first.head.baseSeq);
  for (let after = first.head.baseSeq; after < upTo.seq;) {
    const page = await stream.read(after);
    if (page === null || page.entries.length === 0) return null;
    const entries = page.entries.slice(0, upTo.seq - after);
    const events = entries.flatMap((entry) => decodeEvent(stream, entry));
    const view = events.length === 0 ? folded.view : await fold(folded.view, events);
    folded = { view, complete: folded.complete && events.length === entries.length };
    after += entries.length;
  }
  return folded;
}

function readFolded<E, S>({ context }: OpenStream<E, S>, sealed: Uint8Array | null, baseSeq: number): Folded<S> {
  if (sealed === null) return { view: null, complete: baseSeq === 0 };
  try {
    const { view, complete } = openSnapshot(sealed);
    return { view: view === null ? null : context.codec.decodeSnapshot(view), complete };
  } catch {
    return { view: null, complete: false };
  }
}

function decodeEvent<E, S>({ context }: OpenStream<E, S>, entry: Uint8Array): E[] {
  try {
    return [context.codec.decodeEvent(entry)];
  } catch {
    return [];
  }
}

/** As it is stored. PAYLOAD_TOO_LARGE for a view above the limit. */
export function encodeSnapshot<E, S>({ context }: OpenStream<E, S>, { view, complete }: Folded<S>): Uint8Array {
  const bytes = view === null ? null : context.codec.encodeSnapshot(view);
  const limitBytes = context.limits.maxSnapshotBytes;
  if (bytes !== null && bytes.byteLength > limitBytes) throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes });
  return sealSnapshot({ view: bytes, complete });
}

/** Moves the base forward, within the epoch. `from`: only if it is there still. */
export function moveBase<E, S>(
  stream: OpenStream<E, S>,
  { from, to, snapshot }: { from?: number; to: StreamPosition; snapshot: Uint8Array },
): Promise<boolean> {
  return stream.exclusively(() =>
    stream.changeBase(({ epoch, baseSeq, lastSeq }) => {
      const moved = from !== undefined && from !== baseSeq;
      if (moved || epoch !== to.epoch || to.seq <= baseSeq || to.seq > lastSeq) return null;
      return { epoch, base: { seq: to.seq, snapshot } };
    }),
  );
}
