import { readFileSync } from 'node:fs';
import { AuditRecord, type AuditVerification } from '@aileron/audit';
import { AileronError } from '@aileron/errors';
import { exportStreams, verifyText } from '../audit/verify-export.js';
import { table } from '../output/output.js';
import type { Register } from './register.js';

const LONGEST_EXPORT = 1 << 30;

/** `aileron audit query|verify` */
export const registerAudit: Register = (program, action) => {
  const audit = program.command('audit').description('what agents did');

  audit
    .command('query')
    .description('records, newest first')
    .option('--session <id>', 'of one session')
    .option('--operation <name>', 'of one operation, for example linear.create_issue')
    .option('--kind <kind>', 'intent, outcome, refused, egress, …')
    .option('--limit <n>', '1 to 1000', '50')
    .action(
      action<[{ session?: string; operation?: string; kind?: string; limit: string }]>(async ({ api, output }, o) => {
        const answer = await api().queryAudit({
          sessionId: o.session,
          operation: o.operation,
          kind: o.kind,
          limit: o.limit,
        });
        output.result(answer, () =>
          answer.records.length === 0
            ? ['No records.']
            : table(['AT', 'KIND', 'OPERATION', 'RESULT', 'ID'], answer.records.map(row)),
        );
      }),
    );

  audit
    .command('verify')
    .description('check the chain: every record, in order, unchanged')
    .option('--file <export>', 'an export; without it, every stream of the running service')
    .action(
      action<[{ file?: string }]>(async ({ api, output, home }, { file }) => {
        const streams = file === undefined ? await exportStreams(api()) : [{ stream: file, text: readExport(file) }];
        const verified: (AuditVerification & { stream: string })[] = [];
        for (const { stream, text } of streams) verified.push({ stream, ...(await verifyText(home, text)) });
        const broken = verified.find((result) => !result.ok);
        if (broken) {
          throw new AileronError('AUDIT_CHAIN_BROKEN', {
            stream: broken.stream,
            seq: broken.error?.seq ?? 0,
            record: broken.error?.id ?? 'unknown',
            reason: broken.error?.reason ?? 'unknown',
          });
        }
        output.result({ ok: true, streams: verified }, () =>
          verified.map(
            (result) => `${result.stream}  ${result.records} records, ${result.checkpoints} checkpoints: verified`,
          ),
        );
      }),
    );
};

function readExport(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > LONGEST_EXPORT) throw new AileronError('PAYLOAD_TOO_LARGE', { file });
    return bytes.toString('utf8');
  } catch (cause) {
    if (AileronError.is(cause)) throw cause;
    throw new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'file', message: 'cannot be read' }] }, { cause });
  }
}

function row(value: unknown): string[] {
  const record = AuditRecord.parse(value);
  const operation = 'operation' in record && record.operation !== undefined ? record.operation : '';
  return [record.at, record.kind, operation, resultOf(record), record.id];
}

function resultOf(record: AuditRecord): string {
  switch (record.kind) {
    case 'outcome':
    case 'egress':
    case 'recovered':
      return `${record.outcome.state} ${record.outcome.status ?? ''}`.trimEnd();
    case 'refused':
      return record.refusal.code;
    case 'decision':
      return record.approval.state;
    case 'intent':
      return record.policy.verdict;
    case 'session':
    case 'policy':
    case 'system':
      return record.event;
    case 'checkpoint':
      return 'signed';
  }
}
