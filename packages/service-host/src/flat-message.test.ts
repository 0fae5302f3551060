import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AuditService, DecryptService } from '@aileron/contracts/grpc';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeFlat } from './flat-message.js';

const { input, output } = DecryptService.method.decrypt;
const text = fc.string({ unit: 'binary', maxLength: 300 });

describe('a flat message', () => {
  it('has the bytes that the library writes', () => {
    const fields = {
      tenantId: text,
      sessionId: text,
      operation: text,
      host: text,
      credentialVersion: fc.nat(0xffff_ffff),
    };
    fc.assert(
      fc.property(fc.record(fields, { requiredKeys: [] }), (init) => {
        const message = create(input, init);
        expect(encodeFlat(input, message)).toEqual(Buffer.from(toBinary(input, message)));
      }),
    );
    for (const length of [0, 1, 127, 128, 16_384, 70_000]) {
      const message = create(output, { secret: new Uint8Array(length).fill(7) });
      const bytes = encodeFlat(output, message);
      expect(bytes).toEqual(Buffer.from(toBinary(output, message)));
      expect(fromBinary(output, bytes ?? new Uint8Array()).secret).toHaveLength(length);
    }
  });

  it('is written into an array of its own', () => {
    const bytes = encodeFlat(output, create(output, { secret: new Uint8Array(10) }));
    expect(bytes?.buffer.byteLength).toBe(bytes?.length);
  });

  it('is left to the library where a field is a list, and where a value is none of its field', () => {
    const { input: lines } = AuditService.method.ship;
    expect(encodeFlat(lines, create(lines, {}))).toBeNull();
    for (const credentialVersion of [-1, 1.5, 2 ** 32]) {
      expect(encodeFlat(input, create(input, { credentialVersion }))).toBeNull();
    }
  });
});
