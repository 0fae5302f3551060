import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ApprovalService, AuditService, DecryptService } from '@aileron/contracts/grpc';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copyAnswer, copyMessage } from './copy-message.js';
import { LARGEST_MESSAGE_BYTES } from './message-codec.js';

const { decrypt, sealState } = DecryptService.method;
const { ship } = AuditService.method;
const text = fc.string({ unit: 'binary', maxLength: 300 });
const bytes = fc.uint8Array({ maxLength: 300 });

describe('a copied message', () => {
  it('says what its bytes would say', () => {
    const orders = fc.record(
      { tenantId: text, sessionId: text, host: text, credentialVersion: fc.nat(0xffff_ffff) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(orders, (init) => {
        const { input } = decrypt;
        expect(copyMessage(decrypt, input, init)).toEqual(fromBinary(input, toBinary(input, create(input, init))));
      }),
    );
    fc.assert(
      fc.property(fc.record({ streamId: text, lines: fc.array(bytes) }), (init) => {
        const written = fromBinary(ship.input, Buffer.from(toBinary(ship.input, create(ship.input, init))));
        expect(copyMessage(ship, ship.input, init)).toEqual(written);
      }),
    );
  });

  it('has half a surrogate pair replaced, as UTF-8 has it', () => {
    expect(copyMessage(decrypt, decrypt.input, { host: 'a\ud800' })).toMatchObject({ host: 'a\ufffd' });
  });

  it('shares no bytes with what it was copied from', () => {
    const lines = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    const copied = copyMessage(ship, ship.input, { lines });
    for (const line of lines) line.fill(9);
    expect(copied).toMatchObject({ lines: [Buffer.of(1, 2), Buffer.of(3)] });
  });

  it('has bytes of its own array, and what carried a secret is overwritten', () => {
    const secret = Uint8Array.of(1, 2, 3);
    const copied = copyAnswer(decrypt, { secret }) as unknown as { secret: Uint8Array };
    expect(copied.secret).toEqual(Buffer.of(1, 2, 3));
    expect(copied.secret.buffer.byteLength).toBe(3);
    expect(secret).toEqual(new Uint8Array(3));
  });

  it('takes what the contract takes, and no more', () => {
    for (const credentialVersion of [-1, 1.5, 2 ** 32])
      expect(() => copyMessage(decrypt, decrypt.input, { credentialVersion })).toThrow();
    expect(() => copyMessage(sealState, sealState.input, { plaintext: 'text' })).toThrow();
    expect(copyMessage(decrypt, decrypt.input, { other: 1 })).not.toHaveProperty('other');
  });

  it('is no larger than its bytes may be', () => {
    const most = LARGEST_MESSAGE_BYTES - 5;
    const { input } = sealState;
    expect(copyMessage(sealState, input, { plaintext: new Uint8Array(most) })).toMatchObject({ purpose: '' });
    const tooLarge: unknown = expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' });
    for (const init of [{ plaintext: new Uint8Array(most + 1) }, { purpose: 'x'.repeat(most + 1) }])
      expect(() => copyMessage(sealState, input, init)).toThrow(tooLarge as Error);
    expect(copyMessage(sealState, input, { purpose: 'x'.repeat(most) })).toMatchObject({ purpose: 'x'.repeat(most) });
  });

  it('of another shape goes through its bytes', () => {
    const { output } = ApprovalService.method.request;
    const init = { approvalId: 'apr_1', state: 1, digest: Uint8Array.of(7) };
    expect(copyMessage(ApprovalService.method.request, output, init)).toEqual(
      fromBinary(output, Buffer.from(toBinary(output, create(output, init)))),
    );
  });
});
