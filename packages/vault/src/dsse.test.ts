import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromBase64, toBase64 } from './base64.js';
import { textOf, utf8 } from './bytes.js';
import { preAuthenticationEncoding, signEnvelope, verifyEnvelope } from './dsse.js';
import {
  exportVerifyingKey,
  generateSigningKey,
  importSigningKey,
  importVerifyingKey,
  keyIdOf,
} from './signing-key.js';
import { subtle } from './web-crypto.js';

const payloadType = 'application/vnd.test+json';

describe('DSSE', () => {
  it('encodes the example of the specification', () => {
    // https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md
    const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', utf8('hello world'));
    expect(textOf(encoded)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
    expect(textOf(preAuthenticationEncoding('é', utf8('')))).toBe('DSSEv1 2 é 0 ');
  });

  it('signs and verifies any payload, with the key that signed', async () => {
    const [one, two] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (payload) => {
        const envelope = await signEnvelope({ payloadType, payload, key: two.signing });
        const copy = JSON.parse(JSON.stringify(envelope)) as unknown;
        const verified = await verifyEnvelope({ envelope: copy, payloadType, keys: [one.verifying, two.verifying] });
        expect(verified).toEqual({ payload, keyId: two.signing.keyId });
      }),
      { numRuns: 50 },
    );
  });

  it('refuses every changed bit of payload and signature', async () => {
    const { signing, verifying } = await generateSigningKey();
    const envelope = await signEnvelope({ payloadType, payload: utf8('{"a":1}'), key: signing });
    const [signature] = envelope.signatures;
    const flip = (base64: string, bit: number) => {
      const bytes = fromBase64(base64) ?? new Uint8Array();
      const at = Math.floor(bit / 8) % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
      return toBase64(bytes);
    };
    for (let bit = 0; bit < 512; bit += 5) {
      const changed = [
        { ...envelope, payload: flip(envelope.payload, bit) },
        { ...envelope, signatures: [{ ...signature, sig: flip(signature?.sig ?? '', bit) }] },
      ];
      for (const one of changed) {
        await expect(verifyEnvelope({ envelope: one, payloadType, keys: [verifying] })).rejects.toMatchObject({
          code: 'SIGNATURE_INVALID',
          details: { reason: 'signature' },
        });
      }
    }
  });

  it('refuses another type, an unknown key, a stolen key id, and what is no envelope', async () => {
    const [mine, other] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    const envelope = await signEnvelope({ payloadType, payload: utf8('{}'), key: other.signing });
    const [signature] = envelope.signatures;
    const hostile: readonly (readonly [unknown, string, string])[] = [
      [envelope, payloadType, 'no-trusted-key'],
      [envelope, 'application/other', 'payload-type'],
      [{ ...envelope, signatures: [{ ...signature, keyid: mine.signing.keyId }] }, payloadType, 'signature'],
      [{ ...envelope, signatures: [] }, payloadType, 'malformed'],
      [{ ...envelope, signatures: Array(9).fill(signature) }, payloadType, 'malformed'],
      [{ ...envelope, payload: `${envelope.payload}\n` }, payloadType, 'malformed'],
      [null, payloadType, 'malformed'],
      ['', payloadType, 'malformed'],
      [[], payloadType, 'malformed'],
    ];
    for (const [candidate, type, reason] of hostile) {
      const attempt = verifyEnvelope({ envelope: candidate, payloadType: type, keys: [mine.verifying] });
      await expect(attempt).rejects.toMatchObject({ code: 'SIGNATURE_INVALID', details: { reason } });
    }
    await expect(verifyEnvelope({ envelope, payloadType, keys: [] })).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  });
});

describe('signing keys', () => {
  it('are Ed25519 as RFC 8032 section 7.1, test 2, has it', async () => {
    const seed = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb';
    const publicKey = Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex');
    const signature =
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';
    const key = await importSigningKey({
      keyId: await keyIdOf(publicKey),
      publicKeyBase64: toBase64(publicKey),
      privateKeyBase64: toBase64(Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex')),
    });
    const made = await subtle.sign('Ed25519', key.privateKey, Uint8Array.of(0x72));
    expect(Buffer.from(made).toString('hex')).toBe(signature);
  });

  it('keep their id and cannot be exported again', async () => {
    const { signing, verifying, stored } = await generateSigningKey();
    expect(signing.keyId).toMatch(/^[0-9A-Za-z_-]{16}$/);
    expect(await exportVerifyingKey(verifying)).toEqual({
      keyId: stored.keyId,
      publicKeyBase64: stored.publicKeyBase64,
    });
    await expect(subtle.exportKey('pkcs8', signing.privateKey)).rejects.toThrow();
  });

  it('refuse halves that do not belong together and an id that is another key’s', async () => {
    const [a, b] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    const refused = { code: 'SIGNATURE_INVALID' };
    const mixed = { ...a.stored, privateKeyBase64: b.stored.privateKeyBase64 };
    await expect(importSigningKey(mixed)).rejects.toMatchObject(refused);
    await expect(importVerifyingKey({ ...a.stored, keyId: b.stored.keyId })).rejects.toMatchObject(refused);
    await expect(importVerifyingKey({ ...a.stored, publicKeyBase64: 'AAAA' })).rejects.toMatchObject(refused);
    await expect(importSigningKey({ ...a.stored, privateKeyBase64: 'AAAA' })).rejects.toMatchObject(refused);
  });
});
