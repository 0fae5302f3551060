import { describe, expect, it } from '@jest/globals';
import { ApprovalView } from '@aileron/contracts/rest';
import { approvalCard } from './approval-card.js';

const hostile = 'harmless\u001b[2K\r\u202eevil\u200b\u0007<b>';

const approval = ApprovalView.parse({
  approvalId: 'apr_1',
  sessionId: 'ses_1',
  agent: 'claude-code',
  operation: 'linear.create_issue',
  rule: 'connector-linear-ask',
  digest: 'x',
  previewBase64: 'e30=',
  preview: {
    connector: 'linear',
    operation: 'linear.create_issue',
    summary: hostile,
    method: 'POST',
    target: 'https://api.linear.app/graphql',
    arguments: { title: hostile, description: 'y'.repeat(10_000) },
    bodySha256: 'abc',
    bodyBytes: 321,
    bodyShown: false,
    credential: 'linear',
  },
  state: 'pending',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T01:00:00.000Z',
  decidedAt: null,
  decidedBy: null,
  reason: null,
});

describe('an approval card', () => {
  const text = approvalCard(approval).join('\n');

  it('shows what a terminal would act on or hide', () => {
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
    expect(text).toContain('\\u{1b}[2K\\u{d}\\u{202e}evil\\u{200b}\\u{7}<b>');
  });

  it('says so when the body is not shown whole, and how long a cut value is', () => {
    expect(text).toContain('NOT SHOWN WHOLE');
    expect(text).toContain('10002 characters');
  });
});
