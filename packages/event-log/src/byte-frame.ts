import { type Delivery, Epoch, GapReason, StreamPosition } from '@aileron/contracts/streams';
import { AileronError } from '@aileron/errors';
import { z } from 'zod';

type ByteDelivery = Delivery<Uint8Array, Uint8Array>;

/** Two bytes of length, a header in JSON, then the bytes that the header counts. */
const Header = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('snapshot'), at: StreamPosition }),
  z.strictObject({
    type: z.literal('events'),
    epoch: Epoch,
    first: z.int().min(1),
    sizes: z.array(z.int().min(0)).min(1).max(8_192),
  }),
  z.strictObject({ type: z.literal('gap'), reason: GapReason, from: StreamPosition.nullable(), at: StreamPosition }),
  z.strictObject({ type: z.literal('live'), at: StreamPosition }),
  z.strictObject({ type: z.literal('end'), reason: z.enum(['closed', 'removed']) }),
]);
type Header = z.infer<typeof Header>;

const LENGTH_BYTES = 2;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A delivery of a byte stream as one binary message. */
export function encodeByteFrame(delivery: ByteDelivery): Uint8Array {
  const [header, chunks] = split(delivery);
  const head = encoder.encode(JSON.stringify(header));
  const size = chunks.reduce((total, { byteLength }) => total + byteLength, LENGTH_BYTES + head.byteLength);
  const frame = new Uint8Array(size);
  new DataView(frame.buffer).setUint16(0, head.byteLength);
  frame.set(head, LENGTH_BYTES);
  let offset = LENGTH_BYTES + head.byteLength;
  for (const chunk of chunks) {
    frame.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return frame;
}

function split(delivery: ByteDelivery): [Header, readonly Uint8Array[]] {
  if (delivery.type === 'snapshot') return [{ type: 'snapshot', at: delivery.at }, [delivery.snapshot]];
  if (delivery.type !== 'events') return [delivery, []];
  const chunks = delivery.events.map(({ event }) => event);
  const sizes = chunks.map(({ byteLength }) => byteLength);
  return [{ type: 'events', epoch: delivery.epoch, first: delivery.events[0]?.seq ?? 1, sizes }, chunks];
}

/** The delivery in a message, its bytes as views of the message. INVALID_ARGUMENT for what is none. */
export function decodeByteFrame(frame: Uint8Array): ByteDelivery {
  try {
    const length = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint16(0);
    const head = frame.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
    if (head.byteLength !== length) throw new RangeError('the header is cut');
    return join(Header.parse(JSON.parse(decoder.decode(head))), frame.subarray(LENGTH_BYTES + length));
  } catch (cause) {
    throw new AileronError('INVALID_ARGUMENT', { reason: 'byte-frame' }, { cause });
  }
}

function join(header: Header, body: Uint8Array): ByteDelivery {
  if (header.type === 'snapshot') return { ...header, snapshot: body };
  const sizes = header.type === 'events' ? header.sizes : [];
  if (sizes.reduce((total, size) => total + size, 0) !== body.byteLength) throw new RangeError('the bytes do not fit');
  if (header.type !== 'events') return header;
  let offset = 0;
  const events = sizes.map((size, index) => {
    offset += size;
    return { seq: header.first + index, event: body.subarray(offset - size, offset) };
  });
  return { type: 'events', epoch: header.epoch, events };
}
