import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AuditRecord, type AuditInput } from './audit-record.js';
import { isSoundInput, isSoundRecord } from './sound-record.js';

const DIGEST = 'A'.repeat(43);
const links = { v: 1, stream: 'prx_a', seq: 7, prev: DIGEST };
const call = {
  at: '2026-11-21T08:00:00.123Z',
  id: 'aud_S1P632YX63TQ5RWQ',
  tenantId: 'ten_local',
  sessionId: 'ses_a',
  user: { id: 'usr_a', name: 'Ada' },
  agent: 'fake',
  workspace: 'wsp_a',
  project: 'prj_a',
  connector: 'linear',
  operation: 'linear.list_issues',
};
const intent = {
  ...call,
  kind: 'intent',
  request: { method: 'POST', host: 'api.linear.app', port: 443, path: '/graphql' },
  arguments: { first: 20, deep: { list: [1, 'a', null] } },
  digest: DIGEST,
  policy: { version: 3, verdict: 'allow', rule: null, policies: ['connector/linear/linear-permit'] },
  approval: { id: 'apr_a', approver: 'Ada' },
  credential: 'crd_a',
};
const outcome = {
  ...call,
  kind: 'outcome',
  intentId: 'aud_S1P632YX63TQ5RWP',
  outcome: { state: 'ok', status: 200, bytesIn: 1, bytesOut: 0, latencyMs: 0.125, costUsd: 0.5 },
};

type Place = readonly string[];
const placesOf = (value: unknown, at: Place = []): Place[] =>
  typeof value !== 'object' || value === null
    ? [at]
    : [at, ...Object.entries(value).flatMap(([name, each]) => placesOf(each, [...at, name]))];

function changed(record: object, at: Place, value: unknown): object {
  const [name, ...rest] = at;
  if (name === undefined) return typeof value === 'object' && value !== null ? value : record;
  const before = (record as Readonly<Record<string, unknown>>)[name];
  return { ...record, [name]: rest.length === 0 ? value : changed((before ?? {}) as object, rest, value) };
}

const value = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    true,
    NaN,
    Infinity,
    -1,
    0,
    0.5,
    99,
    100,
    999,
    1_000,
    2 ** 53,
    65_536,
    '',
    ' ',
    {},
    [],
  ),
  fc.constantFrom(
    '2026-02-29T00:00:00.000Z',
    '2028-02-29T00:00:00.000Z',
    '2026-11-21T24:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
  ),
  fc.constantFrom(
    'aud_12345678',
    'ok',
    'cut',
    'deny',
    ['aud_12345678'],
    'A'.repeat(43),
    'x'.repeat(128),
    'x'.repeat(129),
  ),
  fc.constantFrom(
    new Date(0),
    new Map(),
    Object.create({ inherited: 1 }) as unknown,
    Array.from({ length: 65 }, () => 'a'),
  ),
  fc.string(),
  fc.integer(),
  fc.double(),
);

describe('a record of a call, looked at by hand', () => {
  it('is sound as every call writes it', () => {
    for (const record of [intent, outcome]) {
      expect(isSoundInput(record as AuditInput)).toBe(true);
      const linked = { ...record, ...links };
      expect(isSoundRecord(linked as AuditRecord)).toBe(true);
      expect(AuditRecord.safeParse(linked).success).toBe(true);
    }
    const plain = { ...intent, approval: null, workspace: undefined, credential: null };
    expect(isSoundInput(plain as unknown as AuditInput)).toBe(true);
  });

  it('is never sound when the schema refuses it, and says the same to both', () => {
    const change = fc.constantFrom(intent, outcome).chain((record) =>
      fc.record({
        record: fc.constant<object>(record),
        at: fc.constantFrom(
          ...placesOf(record),
          ['more'],
          ['seq'],
          ['prev'],
          ['user', 'more'],
          ['policy', 'more'],
          ['outcome', 'tokens'],
        ),
        value,
      }),
    );
    fc.assert(
      fc.property(change, ({ record, at, value: other }) => {
        const present = changed(record, at, other);
        if (!isSoundInput(present as AuditInput)) return;
        const parsed = AuditRecord.safeParse({ ...present, ...links });
        expect(parsed.error).toBeUndefined();
        expect(JSON.parse(JSON.stringify(parsed.data))).toEqual(JSON.parse(JSON.stringify({ ...present, ...links })));
      }),
      { numRuns: 5_000 },
    );
  });

  it('as it is read, is never sound when the schema refuses it', () => {
    const change = fc.constantFrom({ ...intent, ...links }, { ...outcome, ...links }).chain((record) =>
      fc.record({
        record: fc.constant<object>(record),
        at: fc.constantFrom(...placesOf(record), ['more'], ['__proto__'], ['user', 'more'], ['outcome', 'tokens']),
        value,
      }),
    );
    fc.assert(
      fc.property(change, ({ record, at, value: other }) => {
        const text = JSON.stringify(changed(record, at, other));
        const read = JSON.parse(text) as AuditRecord;
        if (isSoundRecord(read)) expect(AuditRecord.safeParse(read).error).toBeUndefined();
      }),
      { numRuns: 5_000 },
    );
    const own = JSON.parse(JSON.stringify({ ...intent, ...links }).replace('{', '{"__proto__":{},')) as AuditRecord;
    expect(isSoundRecord(own)).toBe(false);
  });
});
