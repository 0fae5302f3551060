import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { canary, findCanary } from '@aileron/testing';
import { Secret, secretForms } from '@aileron/vault';
import fc from 'fast-check';
import { SecretScrubber } from './secret-scrubber.js';

const scrub = (scrubber: SecretScrubber, chunks: readonly Buffer[]): Buffer =>
  Buffer.concat([...chunks.map((chunk) => scrubber.push(Buffer.from(chunk))), scrubber.flush()]);

function masked(value: string, chunks: readonly Buffer[]): Buffer {
  return scrub(new SecretScrubber(Secret.fromString(value)), chunks);
}

const splitAt = (bytes: Buffer, ...at: number[]): Buffer[] =>
  [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));

describe('SecretScrubber', () => {
  it.each(['anthropic', 'linear', 'opaque'] as const)(
    'masks every form of a secret shaped as %s, split at every byte',
    (shape) => {
      const sought = canary(shape);
      const scrubber = new SecretScrubber(Secret.fromString(sought.value));
      for (const { bytes } of sought.forms) {
        const text = Buffer.concat([Buffer.from('{"a":"'), bytes, Buffer.from('"}')]);
        const expected = Buffer.concat([Buffer.from('{"a":"'), Buffer.alloc(bytes.length, '*'), Buffer.from('"}')]);
        for (let at = 0; at <= text.length; at += 1) {
          if (!scrub(scrubber, splitAt(text, at)).equals(expected)) expect(at).toBe('a place where it is masked');
        }
      }
    },
    60_000,
  );

  it('masks what comes one byte at a time, and two occurrences side by side', () => {
    const { value, forms } = canary('linear');
    const text = Buffer.from(`a${value}${value}b${Buffer.from(`user:${value}`).toString('base64')}`);
    const scrubbed = masked(
      value,
      [...text].map((byte) => Buffer.from([byte])),
    );
    expect(scrubbed).toHaveLength(text.length);
    expect(findCanary(scrubbed, { value, forms, shape: 'linear' })).toEqual([]);
    expect(scrubbed.toString().startsWith(`a${'*'.repeat(2 * value.length)}b`)).toBe(true);
  });

  it('finds it in base64 at each alignment, in basic credentials and in escaped JSON', () => {
    const { value, forms } = canary('anthropic');
    for (const text of [
      Buffer.from(`x${value}`).toString('base64'),
      Buffer.from(`xy${value}yx`).toString('base64url'),
      Buffer.from(`user:${value}`).toString('base64'),
      JSON.stringify({ inner: JSON.stringify({ value }) }),
      encodeURIComponent(encodeURIComponent(value)),
      value.replaceAll(/./g, (c) => `&#${c.charCodeAt(0)};`),
    ]) {
      expect(findCanary(masked(value, splitAt(Buffer.from(text), 17)), { value, forms, shape: 'anthropic' })).toEqual(
        [],
      );
    }
  });

  it('changes nothing else, however it is split', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.array(fc.nat({ max: 400 }), { maxLength: 5 }),
        (bytes, cuts) => {
          const text = Buffer.from(bytes);
          const at = cuts.filter((cut) => cut <= text.length).toSorted((a, b) => a - b);
          expect(masked('sk-ant-0123456789', splitAt(text, ...at)).equals(text)).toBe(true);
        },
      ),
      { numRuns: 500, seed: 5 },
    );
  });

  it('masks exactly what a search of the whole would find, for secrets full of repetitions', () => {
    const letters = fc.stringMatching(/^[ab]{8,12}$/);
    fc.assert(
      fc.property(
        letters,
        fc.stringMatching(/^[ab]{0,80}$/),
        fc.array(fc.nat({ max: 80 }), { maxLength: 6 }),
        (value, text, cuts) => {
          const bytes = Buffer.from(text);
          const expected = Buffer.from(text);
          for (let at = bytes.indexOf(value); at >= 0; at = bytes.indexOf(value, at + 1))
            expected.fill('*', at, at + value.length);
          const at = cuts.filter((cut) => cut <= text.length).toSorted((a, b) => a - b);
          expect(masked(value, splitAt(bytes, ...at)).toString()).toBe(expected.toString());
        },
      ),
      { numRuns: 2_000, seed: 6 },
    );
  });

  it('lets an event through at once, and holds back only the beginning of a form', () => {
    const scrubber = new SecretScrubber(Secret.fromString('lin_api_0123456789'));
    expect(scrubber.push(Buffer.from(': ping\n\n')).toString()).toBe(': ping\n\n');
    expect(scrubber.push(Buffer.from('data: lin_api')).toString()).toBe('data: ');
    expect(scrubber.push(Buffer.from('ng\n\n')).toString()).toBe('lin_aping\n\n');
    expect(scrubber.push(Buffer.from('lin_api_01')).toString()).toBe('');
    expect(scrubber.flush().toString()).toBe('lin_api_01');
  });

  it('holds a bounded part of an endless stream', () => {
    const { value, forms } = canary('opaque');
    const longest = Math.max(...forms.map(({ bytes }) => bytes.length));
    const scrubber = new SecretScrubber(Secret.fromString(value));
    const start = Buffer.from(value.slice(0, -1));
    let given = 0;
    for (let i = 0; i < 2_000; i++) given += scrubber.push(Buffer.from(start)).length;
    expect(2_000 * start.length - given).toBeLessThan(longest);
  });

  it('overwrites its patterns', () => {
    const secret = Secret.fromBytes(randomBytes(24).map((byte) => 0x21 + (byte % 90)));
    const scrubber = new SecretScrubber(secret);
    const text = Buffer.from(secret.expose());
    scrubber.zero();
    expect(scrubber.push(Buffer.from(text)).equals(text)).toBe(true);
  });

  it('goes through a megabyte in a few milliseconds', () => {
    const { value } = canary('anthropic');
    const scrubber = new SecretScrubber(Secret.fromString(value));
    const chunk = Buffer.from(JSON.stringify({ text: 'The quick brown fox, 0123456789. '.repeat(480) }));
    const started = performance.now();
    for (let i = 0; i < 64; i++) scrubber.push(Buffer.from(chunk));
    expect(performance.now() - started).toBeLessThan(250);
    expect(secretForms(Buffer.from(value)).length).toBeGreaterThan(15);
  });
});
