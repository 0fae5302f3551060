import { describe, expect, it } from '@jest/globals';
import { REDACTED, redactArguments } from './redact-arguments.js';

describe('redactArguments', () => {
  it('hides what the operation names: a key at any depth, or a path', () => {
    const values = { token: 'a', input: { token: 'b', title: 'c', items: [{ key: 'd', note: 'e' }] }, title: 'f' };
    expect(redactArguments(values, { redact: ['token', 'input.items.*.key', 'input.title'] })).toEqual({
      token: REDACTED,
      input: { token: REDACTED, title: REDACTED, items: [{ key: REDACTED, note: 'e' }] },
      title: 'f',
    });
  });

  it('hides what the schema marks as secret, through lists, maps and composition', () => {
    const secret = { type: 'string', format: 'password' };
    const schema = {
      allOf: [{ properties: { pin: { type: 'string', 'x-secret': true } } }],
      properties: {
        password: { anyOf: [{ type: 'null' }, secret] },
        hooks: { items: { properties: { key: { type: 'string', writeOnly: true } } } },
        variables: { additionalProperties: secret },
      },
    };
    const values = { password: 'p', pin: '1', hooks: [{ key: 'k', url: 'u' }], variables: { a: 'b' }, plain: 'x' };
    expect(redactArguments(values, { redact: [], schema })).toEqual({
      password: REDACTED,
      pin: REDACTED,
      hooks: [{ key: REDACTED, url: 'u' }],
      variables: { a: REDACTED },
      plain: 'x',
    });
  });

  it('ends on a schema that contains itself', () => {
    const schema: Record<string, unknown> = { properties: {} };
    schema['allOf'] = [schema];
    (schema['properties'] as Record<string, unknown>)['child'] = schema;
    expect(redactArguments({ child: { child: { a: 1 } } }, { redact: [], schema })).toEqual({
      child: { child: { a: 1 } },
    });
  });

  it('cuts what is long or deep and says so', () => {
    let deep: unknown = 'bottom';
    for (let i = 0; i < 50; i++) deep = { deep };
    const cut = redactArguments(
      { text: 'x'.repeat(3_000), list: Array.from({ length: 300 }, () => 1), deep },
      { redact: [] },
    );
    expect(cut['text']).toBe(`${'x'.repeat(2_048)}[+952 characters]`);
    expect((cut['list'] as unknown[]).at(-1)).toBe('[+44 items]');
    expect(JSON.stringify(cut['deep'])).toContain('[too deep]');
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, 'y'.repeat(1_000)]));
    expect(Object.keys(redactArguments(many, { redact: [] }))).toEqual(['[omitted]']);
  });

  it('treats keys of prototypes as keys', () => {
    const values = JSON.parse('{"__proto__":{"token":"a"},"constructor":"b"}') as Record<string, unknown>;
    const redacted = redactArguments(values, { redact: ['token'], schema: { properties: {} } });
    expect(JSON.stringify(redacted)).toBe(`{"__proto__":{"token":"${REDACTED}"},"constructor":"b"}`);
  });
});
