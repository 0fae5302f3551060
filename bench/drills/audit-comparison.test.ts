import type { AuditRecord } from '@aileron/audit';
import { describe, expect, it } from '@jest/globals';
import { compareAudit } from './audit-comparison.ts';

const at = new Date(0).toISOString();
const digest = 'A'.repeat(43);
const common = { v: 1, stream: 'aus_1', seq: 1, at, prev: digest, tenantId: 'ten_local' } as const;
const who = { sessionId: 'ses_1', user: { id: 'usr_local', name: 'Ada' }, agent: 'drill' } as const;
const what = { connector: 'linear', operation: 'linear.search_issues' } as const;

const intent = (id: string, term: string): AuditRecord => ({
  ...common,
  ...who,
  ...what,
  kind: 'intent',
  id,
  request: { method: 'POST', host: 'api.linear.app', path: '/graphql' },
  arguments: { term },
  digest,
  policy: { version: 1, verdict: 'allow', rule: null },
  approval: null,
});

const result = { status: null, bytesIn: 0, bytesOut: 0, latencyMs: 1 } as const;
const outcome = (intentId: string, state: 'ok' | 'unknown' | 'cut', status: number | null): AuditRecord => ({
  ...common,
  ...who,
  ...what,
  kind: 'outcome',
  id: `${intentId}_out`,
  intentId,
  outcome: { ...result, state, status },
});
const recovered = (intentId: string): AuditRecord => ({
  ...common,
  ...who,
  ...what,
  kind: 'recovered',
  id: `${intentId}_rec`,
  intentId,
  outcome: { ...result, state: 'unknown' },
});
const arrivals = (...markers: readonly string[]) =>
  markers.map((marker) => ({ marker, at: 1, host: 'api.linear.app', credentialed: true }));

describe('audit against what the upstreams counted', () => {
  it('agrees when each answered call arrived once, and names unknown ends with what became of them', () => {
    const records = [
      intent('aud_1', 'read-1'),
      outcome('aud_1', 'ok', 200),
      intent('aud_2', 'read-2'),
      recovered('aud_2'),
      intent('aud_3', 'read-3'),
      outcome('aud_3', 'unknown', null),
      intent('aud_4', 'read-4'),
      outcome('aud_4', 'cut', null),
    ];
    expect(compareAudit(records, arrivals('read-1', 'read-2'))).toEqual({
      answered: 1,
      received: 2,
      notSent: 1,
      unknown: [
        { operation: what.operation, marker: 'read-2', intentId: 'aud_2', by: 'recovered', reached: true },
        { operation: what.operation, marker: 'read-3', intentId: 'aud_3', by: 'outcome', reached: false },
      ],
      differences: [],
    });
  });

  it.each([
    ['a request without a record', [], ['read-1']],
    ['a call on record that never arrived', [intent('aud_1', 'read-1'), outcome('aud_1', 'ok', 200)], []],
    [
      'a call that is said not to have been sent',
      [intent('aud_1', 'read-1'), outcome('aud_1', 'cut', null)],
      ['read-1'],
    ],
    ['more requests than unknown ends', [intent('aud_1', 'read-1'), recovered('aud_1')], ['read-1', 'read-1']],
    ['an intent without end', [intent('aud_1', 'read-1')], []],
  ])('differs for %s', (_what, records, arrived) => {
    expect(compareAudit(records, arrivals(...arrived)).differences).toEqual([expect.stringMatching(/^read-1: /)]);
  });
});
