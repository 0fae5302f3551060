import { AuditRecord, buildTimeline, type TimelineEntry } from '@aileron/audit';
import { AileronError } from '@aileron/errors';
import type { LocalApi } from '../api/local-api.js';
import { exportStreams, verifyText } from '../audit/verify-export.js';
import type { Home } from '../home/home.js';

export interface DemoAudit {
  readonly text: string;
  readonly records: readonly AuditRecord[];
  readonly timeline: readonly TimelineEntry[];
  readonly verified: boolean;
}

const SHIPPED_WITHIN_MS = 10_000;
const POLL_MS = 50;

/** The whole audit of the demo as the management plane has it, verified. Waits until the proxy has shipped what is complete. */
export async function readAudit(api: LocalApi, home: Home): Promise<DemoAudit> {
  const deadline = Date.now() + SHIPPED_WITHIN_MS;
  for (;;) {
    const exported = await exportStreams(api);
    const text = exported.map((stream) => stream.text).join('');
    const records = text
      .split('\n')
      .filter(Boolean)
      .map((line) => AuditRecord.parse(JSON.parse(line)));
    if (isComplete(records)) {
      const results = await Promise.all(exported.map((stream) => verifyText(home, stream.text)));
      return {
        text,
        records,
        timeline: buildTimeline(records),
        verified: results.length > 0 && results.every((result) => result.ok),
      };
    }
    if (Date.now() > deadline)
      throw new AileronError('DEADLINE_EXCEEDED', { waitedFor: 'the audit to arrive at the management plane' });
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The session has ended in the log, and no intent is without its outcome. */
function isComplete(records: readonly AuditRecord[]): boolean {
  const settled = new Set(records.flatMap((record) => (record.kind === 'outcome' ? [record.intentId] : [])));
  const ended = records.some((record) => record.kind === 'session' && record.event === 'ended');
  return ended && records.every((record) => record.kind !== 'intent' || settled.has(record.id));
}
