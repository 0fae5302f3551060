import type { Delivery } from '@aileron/contracts/streams';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeByteFrame, encodeByteFrame } from './byte-frame.js';

type ByteDelivery = Delivery<Uint8Array, Uint8Array>;

const place = fc.record({ epoch: fc.constantFrom('e', 'epoch_2'), seq: fc.nat() });
const chunk = fc.uint8Array({ maxLength: 40 });
const delivery: fc.Arbitrary<ByteDelivery> = fc.oneof(
  fc.record({ type: fc.constant('snapshot' as const), at: place, snapshot: chunk }),
  fc.tuple(fc.nat(), fc.array(chunk, { minLength: 1 })).map(([seq, chunks]) => ({
    type: 'events' as const,
    epoch: 'e',
    events: chunks.map((event, index) => ({ seq: seq + 1 + index, event })),
  })),
  fc.record({
    type: fc.constant('gap' as const),
    reason: fc.constantFrom('history-lost' as const, 'trimmed' as const),
    from: fc.option(place),
    at: place,
  }),
  fc.record({ type: fc.constant('live' as const), at: place }),
  fc.record({ type: fc.constant('end' as const), reason: fc.constant('closed' as const) }),
);

describe('a frame', () => {
  it('carries any delivery of a byte stream', () => {
    fc.assert(
      fc.property(delivery, (given) => {
        expect(decodeByteFrame(encodeByteFrame(given))).toEqual(given);
      }),
    );
  });

  it('that is cut, longer, or no frame at all is refused', () => {
    const frame = encodeByteFrame({ type: 'events', epoch: 'e', events: [{ seq: 1, event: Uint8Array.of(1, 2, 3) }] });
    const hostile = [
      ...Array.from(frame, (_, length) => frame.subarray(0, length)),
      Uint8Array.of(...frame, 0),
      new Uint8Array(100),
      new Uint8Array(100).fill(255),
    ];
    for (const bytes of hostile) {
      expect(() => decodeByteFrame(bytes)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });
});
