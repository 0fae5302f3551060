import { describe, expect, it } from '@jest/globals';
import { AuditRecord } from './audit-record.js';
import { summarise } from './audit-summary.js';
import { buildTimeline } from './timeline.js';

const who = { sessionId: 'ses_1', user: { id: 'usr_local', name: 'local' }, agent: 'fake' };
const linear = { connector: 'linear', operation: 'linear.create_issue' };
const outcome = { state: 'ok', status: 200, bytesIn: 10, bytesOut: 20, latencyMs: 12.4 };
const tokens = {
  model: 'claude-x',
  inputTokens: 100,
  outputTokens: 20,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  complete: true,
};
const intent = (id: string, what = linear) => ({
  kind: 'intent',
  id,
  ...who,
  ...what,
  request: { method: 'POST', host: 'api.linear.app', path: '/graphql' },
  arguments: { title: 'broken \u001b[2Jlink\u202e' },
  digest: 'd'.repeat(43),
  policy: { version: 1, verdict: 'ask', rule: 'writes' },
  approval: { id: 'apr_1', approver: 'local' },
});
const decision = (id: string, state: string) => ({
  kind: 'decision',
  id,
  ...who,
  ...linear,
  digest: 'd'.repeat(43),
  approval: { id: 'apr_1', rule: 'writes', state, approver: 'local', keyId: null, reason: null },
});

/** Parsed, so that the test holds only records that could be in a log. */
const records = (list: readonly Record<string, unknown>[]) =>
  list.map((record, i) =>
    AuditRecord.parse({
      v: 1,
      stream: 'prx_1',
      seq: i + 1,
      at: new Date(i * 1_000).toISOString(),
      prev: 'p'.repeat(43),
      tenantId: 'ten_local',
      ...record,
    }),
  );

const call = records([
  { kind: 'session', id: 'aud_00000001', ...who, event: 'started' },
  intent('aud_00000002', { connector: 'anthropic', operation: 'anthropic.create_message' }),
  {
    kind: 'outcome',
    id: 'aud_00000003',
    ...who,
    connector: 'anthropic',
    operation: 'anthropic.create_message',
    intentId: 'aud_00000002',
    outcome: { ...outcome, tokens, costUsd: 0.00042 },
  },
  decision('aud_00000004', 'pending'),
  decision('aud_00000005', 'approved'),
  intent('aud_00000006'),
  { kind: 'outcome', id: 'aud_00000007', ...who, ...linear, intentId: 'aud_00000006', outcome },
  {
    kind: 'refused',
    id: 'aud_00000008',
    refusal: { code: 'OPERATION_UNKNOWN', status: 403 },
    request: { method: 'GET', host: 'h' },
  },
]);

describe('buildTimeline', () => {
  it('tells a call from the order of the records, whatever order they come in', () => {
    const rows = buildTimeline(call.toReversed());
    expect(rows.map((row) => row.kind)).toEqual([
      'session',
      'llm',
      'approval',
      'approval',
      'intent',
      'outcome',
      'refused',
    ]);
    expect(rows[1]).toMatchObject({
      tokens,
      costUsd: 0.00042,
      text: 'claude-x 200 in 12 ms, 100 in, 20 out, $0.000420',
    });
    expect(rows[3]?.text).toBe('linear.create_issue approved by local');
    expect(rows[6]?.text).toBe('GET h refused: OPERATION_UNKNOWN');
  });

  it('shows control and direction characters of the agent as codes', () => {
    const row = buildTimeline(call).find(({ kind }) => kind === 'intent');
    expect(row?.text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(row?.text).toContain('\\u{202e}');
  });
});

describe('summarise', () => {
  it('finds intents without an outcome, and outcomes without an intent', () => {
    expect(summarise(call)).toMatchObject({ intents: 2, outcomes: 2, refused: 1, open: [], orphans: [] });
    const cut = call.filter(({ id }) => id !== 'aud_00000007' && id !== 'aud_00000002');
    expect(summarise(cut)).toMatchObject({ open: [{ id: 'aud_00000006' }], orphans: [{ id: 'aud_00000003' }] });
  });
});
