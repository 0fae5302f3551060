import { describe, expect, it } from '@jest/globals';
import { parseJobPayload } from './job-payload.js';

const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

describe('The payload of a job', () => {
  it('is ids and whole numbers', () => {
    const payload = {
      workspaceId: '01890a5d-ac96-774b-bcce-b302099a8057',
      generation: 7,
      component: 'runtime',
      digest: `sha256:${'0'.repeat(64)}`,
    };
    expect(parseJobPayload(payload)).toEqual(payload);
    expect(parseJobPayload({})).toEqual({});
  });

  it('is nothing else', () => {
    const hostile: unknown[] = [
      null,
      'text',
      ['a'],
      { nested: { id: 'x' } },
      { list: ['x'] },
      { flag: true },
      { nothing: null },
      { missing: undefined },
      { fraction: 1.5 },
      { infinite: Infinity },
      { notANumber: NaN },
      { empty: '' },
      { long: 'x'.repeat(81) },
      { prose: 'two words' },
      { newline: 'a\nb' },
      { 'not-camel': 'x' },
      { Upper: 'x' },
      Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`field${index}`, 1])),
      { date: new Date() },
    ];
    for (const payload of hostile) expect(() => parseJobPayload(payload)).toThrow(refused);
  });

  it('is no secret, neither by name nor by shape, and a refusal does not tell it', () => {
    const secrets: Record<string, string>[] = [
      { apiKey: 'abc' },
      { sessionToken: 'abc' },
      { dbPassword: 'abc' },
      { clientSecret: 'abc' },
      { value: `sk-ant-${'a'.repeat(20)}` },
      { value: `ghp_${'a'.repeat(36)}` },
      { value: `lin_api_${'a'.repeat(36)}` },
      { value: 'AKIAIOSFODNN7EXAMPLE' },
      { value: `eyJhbGciOiJI.eyJzdWIiOiIx.${'c'.repeat(20)}` },
      { value: 'postgres://u:p@h' },
    ];
    for (const payload of secrets) {
      expect(() => parseJobPayload(payload)).toThrow(refused);
      try {
        parseJobPayload(payload);
      } catch (error) {
        expect(JSON.stringify(error)).not.toContain(Object.values(payload)[0]);
      }
    }
  });
});
