const ESC = 0x1b;
const BEL = 0x07;
const BACKSLASH = 0x5c;

/** Longer strings are pictures, not state. */
const LONGEST_STRING_BYTES = 4_096;
const MOST_COLOURS = 32;
const MOST_BYTES = 64 << 10;

/** Final bytes of control sequences that only move, print or erase: what follows draws over it. */
const CSI_OF_THE_MOMENT = new Set(Buffer.from('@ABCDEFGHIJKLMPSTXZ`abdef'));
const ESC_OF_THE_MOMENT = new Set(Buffer.from('DEM'));
const COLOUR = 'm'.charCodeAt(0);

/**
 * Of output that nobody will see any more, what still counts for what follows: modes, colours, margins, titles, and what asks
 * the terminal something; without the text (ECMA-48, and xterm's ctlseqs). A sequence that is not over at the end stays as it is.
 */
export function controlsOf(bytes: Buffer): Buffer {
  const kept: Buffer[] = [];
  let colours: Buffer[] = [];
  for (let at = bytes.indexOf(ESC); at !== -1;) {
    const end = endOfSequence(bytes, at);
    const sequence = bytes.subarray(at, end);
    const kind = kindOf(sequence);
    if (kind === 'state') kept.push(sequence);
    if (kind === 'colour') colours = [...(isReset(sequence) ? [] : colours.slice(1 - MOST_COLOURS)), sequence];
    at = end >= bytes.length ? -1 : bytes.indexOf(ESC, end);
  }
  // What is not over must be the last.
  const last = kept.at(-1);
  const open = last !== undefined && endsOpen(bytes, last) ? kept.splice(-1) : [];
  return Buffer.concat([...latest(kept), ...colours, ...open]);
}

const isReset = (sequence: Buffer): boolean => sequence.length === 3 || sequence[2] === 0x30;

/** As many from the end as the bound has room for. */
function latest(sequences: readonly Buffer[]): readonly Buffer[] {
  let length = 0;
  const tooFar = sequences.findLastIndex((sequence) => (length += sequence.length) > MOST_BYTES);
  return sequences.slice(tooFar + 1);
}

const endsOpen = (bytes: Buffer, sequence: Buffer): boolean =>
  sequence.byteOffset + sequence.length === bytes.byteOffset + bytes.length && !isWhole(sequence);

function isWhole(sequence: Buffer): boolean {
  return endOfSequence(Buffer.concat([sequence, Buffer.from(' ')]), 0) === sequence.length;
}

function kindOf(sequence: Buffer): 'state' | 'colour' | 'moment' {
  const [, introducer = 0] = sequence;
  const last = sequence.at(-1) ?? 0;
  if (introducer === 0x5b) {
    if (last === COLOUR && sequence[2] !== 0x3e && sequence[2] !== 0x3f) return 'colour';
    return CSI_OF_THE_MOMENT.has(last) && sequence.length > 2 ? 'moment' : 'state';
  }
  if (isString(introducer)) return sequence.length > LONGEST_STRING_BYTES ? 'moment' : 'state';
  return ESC_OF_THE_MOMENT.has(introducer) ? 'moment' : 'state';
}

/** OSC, DCS, SOS, PM and APC. */
const isString = (introducer: number): boolean =>
  introducer === 0x5d || introducer === 0x50 || introducer === 0x58 || introducer === 0x5e || introducer === 0x5f;

/** The index after the sequence that begins at `from`; the length when it is not over. */
function endOfSequence(bytes: Buffer, from: number): number {
  const introducer = bytes[from + 1];
  if (introducer === undefined) return bytes.length;
  if (introducer === ESC) return from + 1;
  if (introducer === 0x5b) return endOfRun(bytes, from + 2, 0x20, 0x3f);
  if (isString(introducer)) return endOfString(bytes, from + 2);
  return introducer >= 0x20 && introducer <= 0x2f ? endOfRun(bytes, from + 2, 0x20, 0x2f) : from + 2;
}

/** After the first byte outside of the range: the final one. */
function endOfRun(bytes: Buffer, from: number, lowest: number, highest: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] ?? 0) >= lowest && (bytes[at] ?? 0) <= highest) at += 1;
  if (bytes[at] === ESC) return at;
  return Math.min(at + 1, bytes.length);
}

/** BEL or ESC \ end a string; another escape begins anew. */
function endOfString(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] === BEL) return at + 1;
    if (bytes[at] === ESC) return bytes[at + 1] === BACKSLASH ? at + 2 : at;
  }
  return bytes.length;
}
