/** What happens in a terminal, in order. Sizes are columns and rows. */
export type TerminalChunk =
  | { readonly kind: 'output'; readonly data: Uint8Array }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'exit'; readonly code: number };

const SIZE_BYTES = 4;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A chunk as terminal.proto has it: a byte that says what it is, then the content, numbers in network order. @throws RangeError */
export function decodeChunk(bytes: Uint8Array): TerminalChunk {
  const view = viewOf(bytes);
  switch (view.getUint8(0)) {
    case 0:
      return { kind: 'output', data: bytes.subarray(1) };
    case 1:
      return { kind: 'resize', columns: view.getUint16(1), rows: view.getUint16(3) };
    case 2:
      return { kind: 'exit', code: view.getInt32(1) };
    default:
      throw new RangeError('not a chunk of a terminal');
  }
}

export interface TerminalScreen {
  readonly columns: number;
  readonly rows: number;
  /** Control sequences that draw it on an empty terminal. */
  readonly drawing: Uint8Array;
}

/** A screen as a snapshot has it: its size, then what draws it. @throws RangeError */
export function decodeScreen(bytes: Uint8Array): TerminalScreen {
  const view = viewOf(bytes);
  return { columns: view.getUint16(0), rows: view.getUint16(2), drawing: bytes.subarray(SIZE_BYTES) };
}
