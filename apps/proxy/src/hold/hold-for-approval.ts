import { AileronError } from '@aileron/errors';
import { toBase64Url } from '@aileron/vault';
import { type Call } from '../call.js';
import { type Asked } from '../decide/decide.js';
import { mayApprove } from '../decide/may-approve.js';
import { type CallRecorder } from '../record/call-recorder.js';
import { type ApprovalGate, type ApprovalStep, type GrantedApproval } from './approval-gate.js';
import { type CallSubject } from './call-subject.js';

const MAX_TOLD = 10_000;

/** Which steps of approvals were recorded already: a plain retry meets its approval again and again. */
export class ToldSteps {
  readonly #told = new Set<string>();

  /** True the first time. */
  tell({ approvalId, state }: Pick<ApprovalStep, 'approvalId'> & { state: string }): boolean {
    const key = `${approvalId} ${state}`;
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    const [oldest] = this.#told;
    if (this.#told.size > MAX_TOLD && oldest !== undefined) this.#told.delete(oldest);
    return true;
  }
}

export interface HoldInput {
  readonly call: Call;
  readonly asked: Asked;
  readonly subject: CallSubject;
  readonly gate: ApprovalGate;
  readonly records: CallRecorder;
  readonly told: ToldSteps;
  readonly defaultTtlSeconds: number;
}

/**
 * A signed yes for each rule that asks, one after the other. Throws what the gate throws, and POLICY_DENIED for a rule
 * that wants more people than one approval can carry.
 */
export async function holdForApproval(input: HoldInput): Promise<readonly GrantedApproval[]> {
  const granted: GrantedApproval[] = [];
  for (const rule of input.asked.rules) {
    if (rule.quorum > 1) throw new AileronError('POLICY_DENIED', { rule: rule.rule, reason: 'quorum-not-supported' });
    granted.push(await askOne(input, rule));
  }
  return granted;
}

async function askOne(input: HoldInput, rule: Asked['rules'][number]): Promise<GrantedApproval> {
  const { call, subject, gate, defaultTtlSeconds } = input;
  const { session } = call;
  const question = {
    tenantId: session.tenantId,
    sessionId: session.sessionId,
    ...subject,
    operation: call.facts.operation ?? '',
    rule: rule.rule,
    ttlSeconds: rule.ttlSeconds > 0 ? rule.ttlSeconds : defaultTtlSeconds,
    mayApprove: (approver: Parameters<typeof mayApprove>[0]['approver']) =>
      mayApprove({ approvers: rule.approvers, session: session.info, approver }),
  };
  const onStep = (step: ApprovalStep) => recordStep(input, rule.rule, step);
  return await gate.ask(question, { signal: call.signal, onStep });
}

/** Also remembers, for the record of a refusal, which approval it was about. */
export async function recordStep(
  { call, subject, records, told }: Pick<HoldInput, 'call' | 'subject' | 'records' | 'told'>,
  rule: string,
  step: Omit<ApprovalStep, 'state'> & { readonly state: ApprovalStep['state'] | 'consumed' },
): Promise<void> {
  const { approvalId, state, approver, keyId, reason } = step;
  call.learn({ approval: { id: approvalId, approver } });
  if (!told.tell(step)) return;
  const { connector = '', operation = '' } = call.facts;
  await records.decision(call.session.info, {
    connector,
    operation,
    digest: toBase64Url(subject.digest),
    approval: { id: approvalId, rule, state, approver, keyId, reason },
  });
}
