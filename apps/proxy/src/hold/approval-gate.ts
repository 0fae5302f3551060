import { AileronError } from '@aileron/errors';
import { type Approvals, type StoredApproval } from '../ports/approvals.port.js';
import { type Clock } from '../ports/clock.port.js';
import { type Approver } from '../sessions/trusted-keys.js';
import { type DecisionSubject, verifyDecision } from './verify-decision.js';

/** One rule that asks about one request. */
export interface Question extends DecisionSubject {
  readonly operation: string;
  readonly rule: string;
  readonly preview: Uint8Array;
  readonly ttlSeconds: number;
  /** Whose signature counts, among those of the configuration. */
  readonly mayApprove: (approver: Approver) => boolean;
}

/** A signed yes to this very request, not used yet. */
export interface GrantedApproval {
  readonly approvalId: string;
  readonly rule: string;
  readonly digest: Uint8Array;
  readonly approver: string;
  readonly keyId: string;
  readonly expiresAt: number;
}

/** A step in the life of an approval, as the proxy saw it. */
export interface ApprovalStep {
  readonly approvalId: string;
  readonly state: 'pending' | 'approved' | 'denied' | 'expired' | 'cancelled';
  readonly approver: string | null;
  readonly keyId: string | null;
  readonly reason: string | null;
}

export interface ApprovalGateOptions {
  readonly approvals: Approvals;
  readonly approvers: readonly Approver[];
  readonly clock: Clock;
  readonly holdSeconds: number;
  readonly maxHeld: number;
}

/** After a broken watch. */
const WATCH_AGAIN_MS = 500;
/** The retry is held again: it need not wait by itself for long. */
const RETRY_AFTER_SECONDS = 2;

/**
 * Holds a request until a person decided about it. What counts is the signature; the state in the database only says
 * when to look at it.
 */
export class ApprovalGate {
  readonly #options: ApprovalGateOptions;
  #held = 0;

  constructor(options: ApprovalGateOptions) {
    this.#options = options;
  }

  /** Requests that wait now. */
  get held(): number {
    return this.#held;
  }

  /**
   * A granted approval, or: APPROVAL_PENDING (nobody decided while the request was held; the approval goes on),
   * APPROVAL_DENIED, APPROVAL_EXPIRED, APPROVAL_CONSUMED, APPROVAL_INVALID, CANCELLED (the signal). `onStep` hears each
   * step and is waited for.
   */
  async ask(
    question: Question,
    input: { signal: AbortSignal; onStep: (step: ApprovalStep) => Promise<void> },
  ): Promise<GrantedApproval> {
    if (this.#held >= this.#options.maxHeld) throw new AileronError('RATE_LIMITED', { maxHeld: this.#options.maxHeld });
    this.#held += 1;
    try {
      return await this.#ask(question, input);
    } finally {
      this.#held -= 1;
    }
  }

  /** Uses it up. APPROVAL_CONSUMED when somebody else did, or it is not to be had any more. */
  async consume(granted: GrantedApproval, input: { tenantId: string; signal: AbortSignal }): Promise<void> {
    const { approvalId, digest, expiresAt } = granted;
    if (expiresAt <= this.#options.clock.now()) throw new AileronError('APPROVAL_EXPIRED', { approvalId });
    try {
      await this.#options.approvals.consume({ approvalId, digest, ...input });
    } catch (cause) {
      const { code } = AileronError.from(cause);
      const gone = ['PRECONDITION_FAILED', 'APPROVAL_CONSUMED', 'NOT_FOUND', 'CONFLICT'].includes(code);
      if (gone) throw new AileronError('APPROVAL_CONSUMED', { approvalId }, { cause });
      throw cause;
    }
  }

  async #ask(
    question: Question,
    { signal, onStep }: { signal: AbortSignal; onStep: (step: ApprovalStep) => Promise<void> },
  ): Promise<GrantedApproval> {
    const { tenantId, sessionId, digest, operation, rule, preview, ttlSeconds } = question;
    const request = { tenantId, sessionId, digest, operation, rule, preview, ttlSeconds, signal };
    const first = await this.#options.approvals.request(request);
    assertOurs(first, question);
    if (first.state === 'pending') await onStep(undecided(first, 'pending'));
    const decided = first.state === 'pending' ? await this.#wait(first, question, signal) : first;
    return await this.#judge(decided, question, onStep);
  }

  async #wait(first: StoredApproval, { tenantId }: Question, signal: AbortSignal): Promise<StoredApproval> {
    const { approvals, holdSeconds } = this.#options;
    const { approvalId } = first;
    const holdEnds = AbortSignal.timeout(holdSeconds * 1_000);
    const until = AbortSignal.any([signal, holdEnds]);
    while (!until.aborted) {
      try {
        for await (const approval of approvals.watch({ tenantId, approvalId, signal: until })) {
          if (approval.approvalId === approvalId && approval.state !== 'pending') return approval;
        }
      } catch (error) {
        if (!until.aborted && !MAY_PASS.includes(AileronError.from(error).code)) throw error;
      }
      await pause(WATCH_AGAIN_MS, until);
    }
    if (signal.aborted) throw new AileronError('CANCELLED', { approvalId });
    throw new AileronError('APPROVAL_PENDING', { approvalId, retryAfterSeconds: RETRY_AFTER_SECONDS });
  }

  async #judge(
    approval: StoredApproval,
    question: Question,
    onStep: (step: ApprovalStep) => Promise<void>,
  ): Promise<GrantedApproval> {
    const { approvalId, state } = approval;
    assertOurs(approval, question);
    if (state === 'expired' || state === 'cancelled') {
      await onStep(undecided(approval, state));
      throw new AileronError('APPROVAL_EXPIRED', { approvalId, state });
    }
    if (state === 'consumed') throw new AileronError('APPROVAL_CONSUMED', { approvalId });
    const { approvers, clock } = this.#options;
    const verified = await verifyDecision({ approval, subject: question, approvers, now: clock.now() }).catch(
      (error: unknown) => Promise.reject(named(error, approvalId)),
    );
    const { decision, approver, reason, expiresAt } = verified;
    const signed = { approvalId, approver: approver.name, keyId: approver.key.keyId, reason };
    if (!question.mayApprove(approver))
      throw new AileronError('APPROVAL_INVALID', { approvalId, reason: 'not-an-approver' });
    if (decision === 'deny') {
      await onStep({ ...signed, state: 'denied' });
      throw new AileronError('APPROVAL_DENIED', {
        approvalId,
        reason: reason ?? 'no reason was given',
        approver: approver.name,
      });
    }
    if (state !== 'approved') throw new AileronError('APPROVAL_INVALID', { approvalId, reason: 'state-differs' });
    await onStep({ ...signed, state: 'approved' });
    const { rule, digest } = question;
    return { approvalId, rule, digest, approver: approver.name, keyId: approver.key.keyId, expiresAt };
  }
}

/** The management plane is away or restarting: the request goes on waiting for its own time. */
const MAY_PASS: readonly string[] = [
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'DATABASE_UNAVAILABLE',
  'INTERNAL',
];

function assertOurs({ approvalId, sessionId, digest, rule }: StoredApproval, question: Question): void {
  const same =
    sessionId === question.sessionId && rule === question.rule && Buffer.compare(digest, question.digest) === 0;
  if (!same) throw new AileronError('APPROVAL_INVALID', { approvalId, reason: 'other-request' });
}

const undecided = ({ approvalId }: StoredApproval, state: 'pending' | 'expired' | 'cancelled'): ApprovalStep => {
  return { approvalId, state, approver: null, keyId: null, reason: null };
};

function named(error: unknown, approvalId: string): AileronError {
  const { code, details, cause } = AileronError.from(error);
  return new AileronError(code, { ...details, approvalId }, { cause });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
