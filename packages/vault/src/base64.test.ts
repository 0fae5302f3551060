import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from './base64.js';

describe('base64', () => {
  it('writes and reads what Node does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['QQ', 'QQ=', 'QR==', 'QQ==\n', ' QQ==', 'QQ=\u003d=', '=', '====', 'Q-==', 'QQ==QQ==', 'Qé=='])(
    'refuses the second spelling %j',
    (text) => expect(fromBase64(text)).toBeNull(),
  );

  it.each(['QQ==', 'QR', 'Q', 'Q/', 'QQ '])('refuses the second url-safe spelling %j', (text) => {
    expect(fromBase64Url(text)).toBeNull();
  });
});
