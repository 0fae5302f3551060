import type { Command } from 'commander';
import { AileronError } from '@aileron/errors';
import { ensureSigningKey } from '../home/home-keys.js';
import { approvalCard } from '../approvals/approval-card.js';
import { decideApproval } from '../approvals/decide-approval.js';
import { table } from '../output/output.js';
import { localUser } from '../vault/local-user.js';
import type { Register } from './register.js';

const STATES = ['pending', 'approved', 'denied', 'expired', 'cancelled', 'consumed'];

/** `aileron approval list|show|approve|deny` */
export const registerApproval: Register = (program, action) => {
  const approval = program.command('approval').description('what agents ask for, and your decisions');

  approval
    .command('list')
    .description('approvals, newest first')
    .option('--state <state>', `one of ${STATES.join(', ')}`)
    .option('--session <id>', 'of one session')
    .action(
      action<[{ state?: string; session?: string }]>(async ({ api, output }, options) => {
        const { approvals } = await api().listApprovals({ state: options.state, sessionId: options.session });
        output.result({ approvals }, () =>
          approvals.length === 0
            ? ['No approvals.']
            : table(
                ['APPROVAL', 'STATE', 'OPERATION', 'SUMMARY', 'EXPIRES'],
                approvals.map((a) => [a.approvalId, a.state, a.operation, a.preview.summary, a.expiresAt]),
              ),
        );
      }),
    );

  approval
    .command('show <approval>')
    .description('everything that would be sent')
    .action(
      action<[string]>(async ({ api, output }, id) => {
        const found = await api().getApproval(id);
        output.result(found, () => [`${found.approvalId}  ${found.state}`, ...approvalCard(found)]);
      }),
    );

  for (const decision of ['approve', 'deny'] as const) addDecision(approval, decision, action);
};

function addDecision(approval: Command, decision: 'approve' | 'deny', action: Parameters<Register>[1]): void {
  approval
    .command(`${decision} <approval>`)
    .description(
      decision === 'approve' ? 'let exactly this request pass, once' : 'refuse it; the agent reads the reason',
    )
    .option('--reason <text>', 'why, at most 1024 characters')
    .action(
      action<[string, { reason?: string }]>(async ({ api, home, output }, id, { reason }) => {
        if (reason !== undefined && reason.length > 1_024) {
          throw new AileronError('INVALID_ARGUMENT', {
            fields: [{ field: 'reason', message: 'at most 1024 characters' }],
          });
        }
        const client = api();
        const decided = await decideApproval({
          api: client,
          deviceKey: await ensureSigningKey(home, 'device'),
          approval: await client.getApproval(id),
          decision: { decision, approver: localUser().name, reason: reason ?? null },
          now: new Date(),
        });
        output.result(decided, () => [`${decided.approvalId}  ${decided.state}  ${decided.operation}`]);
      }),
    );
}
