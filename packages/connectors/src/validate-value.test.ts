import { describe, expect, it } from '@jest/globals';
import { readJsonSchema, type JsonSchema } from './json-schema.js';
import { validateValue } from './validate-value.js';

const fits = (schema: JsonSchema, value: unknown): boolean => validateValue(value, schema).length === 0;
const nullable: JsonSchema = { anyOf: [{ type: 'string', maxLength: 3 }, { type: 'null' }] };

describe('a value', () => {
  it.each<[string, JsonSchema, readonly unknown[], readonly unknown[]]>([
    ['a type', { type: 'string' }, ['', 'a'], [1, null, [], {}, true]],
    ['types', { type: ['integer', 'null'] }, [1, -0, null], [1.5, '1', 2 ** 53, Number.NaN]],
    ['a number', { type: 'number', minimum: 0, maximum: 1 }, [0, 0.5, 1], [-0.1, 1.1, Infinity, Number.NaN, '0']],
    ['an enum', { enum: ['a', 1, null] }, ['a', 1, null], ['b', '1', '', undefined]],
    ['a const', { const: 'a' }, ['a'], ['', 'aa', ['a']]],
    ['a text', { type: 'string', minLength: 1, maxLength: 2, pattern: '^\\w*$' }, ['a', 'ab'], ['', 'abc', 'a!']],
    [
      'a list',
      { type: 'array', minItems: 1, maxItems: 2, items: { type: 'integer' } },
      [[1], [1, 2]],
      [[], [1, 2, 3], ['1'], 'ab'],
    ],
    ['a nullable', nullable, [null, 'abc'], ['abcd', 1]],
    ['one form', { oneOf: [{ type: 'integer' }, { type: 'number', maximum: 5 }] }, [7, 0.5], [3, 7.5]],
    ['anything', {}, [1, null, { a: { b: 1 } }], []],
    ['an open object', { type: 'object', additionalProperties: true }, [{}, { a: 1 }], [[], null]],
    [
      'forms of an object',
      { type: 'object', anyOf: [{ type: 'object', properties: { a: {} } }] },
      [{ a: 1 }, {}],
      [{ b: 1 }],
    ],
  ])('fits %s or does not', (_, schema, good, bad) => {
    expect(readJsonSchema(schema)).toEqual({ ok: true, schema });
    for (const value of good) expect([value, fits(schema, value)]).toEqual([value, true]);
    for (const value of bad) expect([value, fits(schema, value)]).toEqual([value, false]);
  });

  it('may hold only what the schema names, unless that says otherwise', () => {
    expect(fits({ type: 'object' }, { a: 1 })).toBe(false);
    expect(fits({ type: 'object', properties: {} }, { a: 1 })).toBe(false);
    expect(fits({ required: ['a'] }, { a: 1, b: 1 })).toBe(false);
    expect(fits({ type: 'object', properties: { a: {} } }, JSON.parse('{"a":1,"__proto__":{"b":1}}'))).toBe(false);
    expect(fits({ type: 'object', properties: { a: {} } }, JSON.parse('{"constructor":1}'))).toBe(false);
    expect(fits({ type: 'object', required: ['toString'], properties: { toString: {} } }, {})).toBe(false);
  });

  it('is told where it is wrong, twenty times at most', () => {
    const schema: JsonSchema = {
      type: 'object',
      properties: { input: { type: 'object', properties: { ids: { type: 'array', items: { type: 'string' } } } } },
    };
    expect(validateValue({ input: { ids: ['a', 1] } }, schema)).toEqual([
      { field: 'input.ids[1]', message: 'must be string' },
    ]);
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, 1]));
    expect(validateValue(many, schema)).toHaveLength(20);
  });
});

describe('a foreign schema', () => {
  it.each<[string, unknown, string]>([
    ['no object', 'string', ''],
    ['a keyword we do not check', { type: 'string', if: {} }, 'if'],
    ['composition that cannot be closed', { properties: { a: { allOf: [] } } }, 'properties.a.allOf'],
    ['a keyword of OpenAPI 3.0', { type: 'string', nullable: true }, 'nullable'],
    ['a reference', { properties: { a: { $ref: '#/x' } } }, 'properties.a.$ref'],
    ['a type that is none', { type: 'text' }, 'type'],
    ['a text for an enum', { enum: 'abc' }, 'enum'],
    ['a text for required', { required: 'abc' }, 'required'],
    ['a schema for additionalProperties', { additionalProperties: { type: 'string' } }, 'additionalProperties'],
    ['a text for a limit', { maxLength: '5' }, 'maxLength'],
    ['an unsafe pattern', { items: { pattern: '^(a|a)*$' } }, 'items.pattern'],
  ])('is refused with %s', (_, schema, place) => {
    expect(readJsonSchema(schema)).toMatchObject({ ok: false, place });
  });

  it('loses what only people read', () => {
    expect(
      readJsonSchema({ type: 'string', title: 'T', default: 1, examples: [1], deprecated: true, format: 'password' }),
    ).toEqual({
      ok: true,
      schema: { type: 'string', format: 'password' },
    });
  });
});
