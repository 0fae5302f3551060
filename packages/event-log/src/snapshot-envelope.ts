/** What a stored snapshot says beside the view. */
export interface SnapshotEnvelope {
  /** The encoded view; null when the events were dropped without one. */
  readonly view: Uint8Array | null;
  /** Nothing before it is missing in it. */
  readonly complete: boolean;
}

const VERSION = 1;
const HAS_VIEW = 1;
const COMPLETE = 2;
const HEADER_BYTES = 2;

/** One byte of version, one of flags, then the view. */
export function sealSnapshot({ view, complete }: SnapshotEnvelope): Uint8Array {
  const sealed = new Uint8Array(HEADER_BYTES + (view?.byteLength ?? 0));
  sealed.set([VERSION, (view === null ? 0 : HAS_VIEW) | (complete ? COMPLETE : 0)]);
  if (view !== null) sealed.set(view, HEADER_BYTES);
  return sealed;
}

/** Throws a RangeError for what is none. */
export function openSnapshot(sealed: Uint8Array): SnapshotEnvelope {
  const [version, flags] = sealed;
  if (version !== VERSION || flags === undefined || flags > (HAS_VIEW | COMPLETE)) {
    throw new RangeError('no snapshot of a known version');
  }
  const view = (flags & HAS_VIEW) === 0 ? null : sealed.subarray(HEADER_BYTES);
  return { view, complete: (flags & COMPLETE) !== 0 };
}
