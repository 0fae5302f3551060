import type { AuditRecord } from '@aileron/audit';
import type { LaunchResult } from '../launch/launch.js';
import type { CanaryReport } from './canary-scan.js';
import type { Answer } from './demo-approver.js';
import type { DemoCast } from './demo-cast.js';
import { DemoReport } from './demo-report.js';
import type { DemoAudit } from './read-audit.js';

export interface DemoOutcome {
  readonly result: LaunchResult;
  readonly audit: DemoAudit;
  readonly answer: Answer;
  readonly cast: DemoCast;
}

const ASKED = 'linear.create_issue';

/** What the demo showed, as one object; `ok` only when every part of it held. */
export function makeReport(i: { outcome: DemoOutcome; canary: CanaryReport; durationMs: number }): DemoReport {
  const { result, audit, cast } = i.outcome;
  const llm = llmTotals(audit.records);
  const approvals = approvalsOf(audit.records);
  const operations = operationsOf(audit.records);
  const canary = { places: i.canary.places, leaked: i.canary.leaked };
  return DemoReport.parse({
    ok:
      result.exit.code === 0 &&
      audit.verified &&
      canary.leaked === 0 &&
      llm.calls > 0 &&
      upstreamAgrees(approvals, cast),
    agent: result.agent,
    operations,
    approvals,
    llm,
    audit: { records: audit.records.length, verified: audit.verified },
    canary,
    durationMs: i.durationMs,
    timeline: audit.timeline,
  });
}

/** The upstream saw the mutation exactly when it was approved, with the real token and never the placeholder. */
function upstreamAgrees(approvals: DemoReport['approvals'], cast: DemoCast): boolean {
  const decided = approvals.find(({ operation }) => operation === ASKED)?.state;
  const mutations = cast.linear.requests.filter(({ body }) => body.includes('issueCreate'));
  const genuine = cast.linear.requests.every((request) =>
    request.header('authorization').every((value) => value === cast.credentials.linear),
  );
  if (!genuine) return false;
  return decided === 'consumed' ? mutations.length === 1 : decided === 'denied' && mutations.length === 0;
}

function operationsOf(records: readonly AuditRecord[]): DemoReport['operations'] {
  return records.flatMap((record) => {
    if (record.kind === 'outcome') {
      const intent = records.find((each) => each.id === record.intentId);
      const decision = intent?.kind === 'intent' && intent.approval !== null ? 'approved' : 'allowed';
      return [{ name: record.operation, decision, status: record.outcome.status }];
    }
    if (record.kind !== 'refused' || record.operation === undefined) return [];
    return [
      {
        name: record.operation,
        decision: record.refusal.code === 'APPROVAL_DENIED' ? 'denied' : 'refused',
        status: record.refusal.status,
      },
    ];
  });
}

/** The last state of each approval. */
function approvalsOf(records: readonly AuditRecord[]): DemoReport['approvals'] {
  const last = new Map<string, DemoReport['approvals'][number]>();
  for (const record of records) {
    if (record.kind !== 'decision') continue;
    const before = last.get(record.approval.id);
    last.set(record.approval.id, {
      operation: record.operation,
      state: record.approval.state,
      approver: record.approval.approver ?? before?.approver ?? null,
    });
  }
  return [...last.values()];
}

function llmTotals(records: readonly AuditRecord[]): DemoReport['llm'] {
  const calls = records.flatMap((record) =>
    record.kind === 'outcome' && record.outcome.tokens ? [record.outcome] : [],
  );
  const costs = calls.map(({ costUsd }) => costUsd ?? null);
  return {
    calls: calls.length,
    inputTokens: calls.reduce((sum, { tokens }) => sum + (tokens?.inputTokens ?? 0), 0),
    outputTokens: calls.reduce((sum, { tokens }) => sum + (tokens?.outputTokens ?? 0), 0),
    costUsd: costs.includes(null)
      ? null
      : Math.round(costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0) * 1e6) / 1e6,
  };
}
