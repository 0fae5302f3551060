import { confirm, isCancel } from '@clack/prompts';
import type { ApprovalView } from '@aileron/contracts/rest';
import type { StoredSigningKey } from '@aileron/vault';
import type { LocalApi } from '../api/local-api.js';
import { approvalCard } from '../approvals/approval-card.js';
import { decideApproval } from '../approvals/decide-approval.js';
import type { Output } from '../output/output.js';
import { localUser } from '../vault/local-user.js';

export type Answer = 'yes' | 'no' | 'ask';

export interface ApproverInput {
  readonly api: LocalApi;
  readonly deviceKey: StoredSigningKey;
  readonly answer: Answer;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** Called once for each request that is held, before it is decided. */
  readonly onHeld: (approval: ApprovalView) => void;
}

const WAIT_MS = 2_000;

/** Shows each pending approval and decides it: as the person at the terminal says, or as was said at the start. */
export async function decideAsTheyCome(i: ApproverInput): Promise<void> {
  while (!i.signal.aborted) {
    const { approvals } = await i.api.listApprovals({ state: 'pending', waitMs: WAIT_MS });
    for (const approval of approvals) {
      if (i.signal.aborted) return;
      i.onHeld(approval);
      i.output.note('');
      for (const line of approvalCard(approval)) i.output.note(`  ${line}`);
      const approved = await isApproved(i.answer);
      await decideApproval({
        api: i.api,
        deviceKey: i.deviceKey,
        approval,
        decision: {
          decision: approved ? 'approve' : 'deny',
          approver: localUser().name,
          reason: approved ? null : 'refused in the demo',
        },
        now: new Date(),
      });
      i.output.note(`  → ${approved ? 'approved' : 'denied'}, signed by ${localUser().name}`);
    }
  }
}

async function isApproved(answer: Answer): Promise<boolean> {
  if (answer !== 'ask') return answer === 'yes';
  const approved = await confirm({
    message: 'Approve exactly this request, once?',
    // A key pressed by accident must not approve.
    initialValue: false,
    output: process.stderr,
  });
  return !isCancel(approved) && approved;
}
