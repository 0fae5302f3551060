/** What happens in a terminal, in order. Sizes are columns and rows. */
export type TerminalEvent =
  | { readonly kind: 'output'; readonly data: Uint8Array }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'exit'; readonly code: number };

const [OUTPUT, RESIZE, EXIT] = [0, 1, 2];
const SIZE_BYTES = 4;
/** Before the bytes of an output event. */
export const OUTPUT_HEAD_BYTES = 1;

/** As terminal.proto has it: a byte that says what it is, then the content; numbers in network order. */
export function encodeTerminalEvent(event: TerminalEvent): Uint8Array {
  switch (event.kind) {
    case 'output':
      return encodeOutput([event.data]);
    case 'resize':
      return Uint8Array.from([RESIZE, ...sizeBytes(event)]);
    case 'exit': {
      const bytes = new Uint8Array(5);
      bytes[0] = EXIT;
      new DataView(bytes.buffer).setInt32(1, event.code);
      return bytes;
    }
  }
}

/** @throws RangeError for what is none */
export function decodeTerminalEvent(bytes: Uint8Array): TerminalEvent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (view.getUint8(0)) {
    case OUTPUT:
      return { kind: 'output', data: bytes.subarray(1) };
    case RESIZE:
      return { kind: 'resize', columns: view.getUint16(1), rows: view.getUint16(3) };
    case EXIT:
      return { kind: 'exit', code: view.getInt32(1) };
    default:
      throw new RangeError('not an event of a terminal');
  }
}

/** Output that came in pieces, as one event. */
export function encodeOutput(pieces: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Uint8Array.of(OUTPUT), ...pieces]);
}

/** A screen: its size, then output that draws it. */
export function encodeScreen(screen: { columns: number; rows: number; drawing: Uint8Array }): Uint8Array {
  return Buffer.concat([sizeBytes(screen), screen.drawing]);
}

function sizeBytes({ columns, rows }: { columns: number; rows: number }): Uint8Array {
  const bytes = new Uint8Array(SIZE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, columns);
  view.setUint16(2, rows);
  return bytes;
}
