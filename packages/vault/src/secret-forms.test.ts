import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { secretForms } from './secret-forms.js';

const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
  minLength: 8,
  maxLength: 80,
});
const found = (secret: string, haystack: Uint8Array) =>
  secretForms(Buffer.from(secret)).some(({ bytes }) => Buffer.from(haystack).includes(Buffer.from(bytes)));
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const each = (text: string, encode: (code: number) => string) =>
  Array.from(text, (c) => encode(c.charCodeAt(0))).join('');
const hex = (code: number) => code.toString(16).padStart(2, '0');

/** Written with the runtime's own encoders wherever there is one. */
const ENCODERS: Readonly<Record<string, (secret: string) => string | Uint8Array>> = {
  raw: (s) => s,
  hex: (s) => Buffer.from(s).toString('hex'),
  HEX: (s) => Buffer.from(s).toString('hex').toUpperCase(),
  encodeURIComponent: encodeURIComponent,
  encodeURI: encodeURI,
  form: (s) => new URLSearchParams({ s }).toString().slice(2),
  'encoded twice': (s) => encodeURIComponent(each(s, (c) => `%${hex(c).toUpperCase()}`)),
  'percent, all, lower': (s) => each(s, (c) => `%${hex(c)}`),
  'JSON.stringify': (s) => JSON.stringify(s).slice(1, -1),
  'JSON in JSON': (s) => JSON.stringify(JSON.stringify(s)).slice(3, -3),
  'JSON \\u': (s) => each(s, (c) => `\\u00${hex(c)}`),
  'UTF-16 LE': (s) => Buffer.from(s, 'utf16le'),
  'UTF-16 BE': utf16be,
  'HTML numeric': (s) => each(s, (c) => `&#${c};`),
  'HTML hex': (s) => each(s, (c) => `&#x${hex(c)};`),
  'HTML named': (s) =>
    s
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
  'quoted-printable': (s) => s.replaceAll('=', '=3D'),
};

describe('secretForms', () => {
  it.each(Object.entries(ENCODERS))('finds a secret in %s', (_name, encode) => {
    fc.assert(
      fc.property(visible, (secret) =>
        found(secret, Buffer.concat([Buffer.from('<'), Buffer.from(encode(secret)), Buffer.from('>')])),
      ),
      { numRuns: 60 },
    );
  });

  it.each(['base64', 'base64url'] as const)(
    'finds a secret in %s at every alignment, whatever stands around it',
    (encoding) => {
      fc.assert(
        fc.property(
          visible,
          fc.uint8Array({ maxLength: 7 }),
          fc.uint8Array({ maxLength: 7 }),
          (secret, before, after) => {
            const whole = Buffer.concat([before, Buffer.from(secret), after]);
            return found(secret, Buffer.from(whole.toString(encoding)));
          },
        ),
        { numRuns: 300 },
      );
    },
  );

  it('finds a secret as the password of Basic authentication', () => {
    const header = `Basic ${Buffer.from('user:s3cr3t-value-01').toString('base64')}`;
    expect(found('s3cr3t-value-01', Buffer.from(header))).toBe(true);
  });

  it('does not find one secret where another lies', () => {
    fc.assert(
      fc.property(visible, visible, (a, b) => {
        fc.pre(!a.includes(b) && !b.includes(a));
        return !found(a, Buffer.from(b)) || b.length > a.length;
      }),
      { numRuns: 200 },
    );
  });

  it('lists no pattern twice and none that is empty', () => {
    const forms = secretForms(Buffer.from('plainsecret42'));
    const texts = forms.map(({ bytes }) => Buffer.from(bytes).toString('latin1'));
    expect(new Set(texts).size).toBe(texts.length);
    expect(Math.min(...texts.map((text) => text.length))).toBeGreaterThanOrEqual(8);
  });
});
