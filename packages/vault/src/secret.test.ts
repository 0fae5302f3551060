import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { assertSecretSuitable } from './secret-rules.js';
import { Secret } from './secret.js';
import { secretForms } from './secret-forms.js';

const canary = () => `canary-${crypto.randomUUID()}`;

describe('Secret', () => {
  it('shows its content in no form that a log or an error would use', () => {
    const text = canary();
    const secret = Secret.fromString(text);
    const holder = { secret, list: [secret], map: new Map([['secret', secret]]) };
    const shown = [
      String(secret),
      `${String(secret)}`,
      JSON.stringify(holder),
      inspect(holder, { depth: 9, showHidden: true, getters: true }),
      inspect(secret, { customInspect: false, showHidden: true }),
      Object.keys(secret).join(),
      new Error(secret as unknown as string).stack ?? '',
      JSON.stringify(structuredClone(Object.assign({}, secret))),
    ].join('\n');
    expect(shown).not.toContain(text);
    expect(shown).not.toContain(Buffer.from(text).toString('hex'));
    expect(shown).not.toContain([...Buffer.from(text)].join(', '));
    expect(shown).toContain('[secret]');
  });

  it('overwrites the very bytes it was given, and cannot be used afterwards', () => {
    const bytes = new TextEncoder().encode(canary());
    const secret = Secret.fromBytes(bytes);
    const copy = secret.copy();
    secret.zero();
    secret.zero();
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(() => secret.expose()).toThrow(AileronError);
    expect(() => secret.copy()).toThrow(AileronError);
    expect(secret.length).toBe(bytes.length);
    expect(copy.exposeString()).toMatch(/^canary-/);
  });
});

describe('a Secret over a Buffer', () => {
  it('has copies and forms with memory of their own', () => {
    const secret = Secret.fromBytes(Buffer.from('buffer-secret-1'));
    const [copy, [raw]] = [secret.copy(), secretForms(secret.expose())];
    secret.zero();
    expect(copy.exposeString()).toBe('buffer-secret-1');
    expect(Buffer.from(raw?.bytes ?? []).toString()).toBe('buffer-secret-1');
  });
});

describe('a suitable secret', () => {
  const hostile: readonly (readonly [string, string])[] = [
    ['1234567', 'too-short'],
    ['x'.repeat(8_193), 'too-long'],
    ['abcdefgh\r\nX-Evil: 1', 'not-visible-ascii'],
    ['abcdefgh\n', 'not-visible-ascii'],
    ['abcd\0efgh', 'not-visible-ascii'],
    ['abcdefgh\t', 'not-visible-ascii'],
    ['abcdefgh\x7f', 'not-visible-ascii'],
    ['abcdefghé', 'not-visible-ascii'],
    ['abcdefgh\u200b', 'not-visible-ascii'],
    [' abcdefgh', 'space-at-the-end'],
    ['abcdefgh ', 'space-at-the-end'],
  ];
  it.each(hostile)('is not %j', (text, reason) => {
    const refusal = expect.objectContaining({ code: 'SECRET_UNSUITABLE', details: { reason } });
    expect(() => assertSecretSuitable(Secret.fromString(text))).toThrow(refusal as unknown as Error);
  });

  it.each(['12345678', 'two words inside', 'x'.repeat(8_192), '~!@#$%^&*()_+'])('may be %j', (text) => {
    expect(() => assertSecretSuitable(Secret.fromString(text))).not.toThrow();
  });
});
