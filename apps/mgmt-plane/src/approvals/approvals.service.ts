import { type ApprovalState, RequestPreview } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type MgmtPlaneConfig } from '../config.js';
import { CLOCK, randomId, type Clock } from '@aileron/service-host';
import type { SessionKey } from '../ports/lease.port.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { ChangeSignal } from '../signals/change-signal.js';
import { approvalTopic, APPROVALS, sessionTopic } from '../signals/topics.js';
import { type ApprovalKey, type ApprovalRow, isFinal } from './approval.js';
import { DecisionVerifier } from './approval-decision.js';
import { ApprovalsRepository } from './approvals.repository.js';

const MOST_PENDING_IN_A_SESSION = 200;
const LONGEST_PREVIEW_BYTES = 262_144;
const LONGEST_TTL_SECONDS = 86_400;
/** How often a watcher looks by itself: another process may have changed the row. */
const RE_READ_MS = 2_000;
const SWEEP_LIMIT = 500;

export interface RequestApproval extends SessionKey {
  readonly digest: Uint8Array;
  readonly operation: string;
  readonly rule: string;
  readonly preview: Uint8Array;
  readonly ttlSeconds: number;
}

export interface ListApprovals {
  readonly tenantId: string;
  readonly sessionId?: string | undefined;
  readonly state?: ApprovalState | undefined;
  readonly limit: number;
}

@Injectable()
export class ApprovalsService {
  readonly #decisions: DecisionVerifier;

  constructor(
    @Inject(CONFIG) config: MgmtPlaneConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ApprovalsRepository) private readonly approvals: ApprovalsRepository,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(ChangeSignal) private readonly changes: ChangeSignal,
  ) {
    this.#decisions = new DecisionVerifier(config.trust.deviceKeys);
  }

  /**
   * The approval that this request meets: one still open for the same session, digest and rule, or a new pending one. A
   * denial sticks until it expires; a storm of the same request is one approval. RATE_LIMITED at 200 pending.
   */
  async request(input: RequestApproval): Promise<ApprovalRow> {
    assertRequest(input);
    const session = await this.sessions.getAlive(input);
    const found = await this.#findOpen(input);
    if (found !== null) return found;
    const createdAt = new Date(this.clock.now());
    const { ttlSeconds, ...request } = input;
    const approvalId = randomId('apr');
    const outcome = await this.approvals.insert(
      {
        ...request,
        approvalId,
        agent: session.agent,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + ttlSeconds * 1_000),
      },
      MOST_PENDING_IN_A_SESSION,
    );
    if (outcome === 'session-ended') throw new AileronError('SESSION_ENDED', { sessionId: input.sessionId });
    if (outcome === 'too-many') throw new AileronError('RATE_LIMITED', { pending: MOST_PENDING_IN_A_SESSION });
    if (outcome === 'inserted') {
      this.changes.notify(APPROVALS);
      return this.get({ tenantId: input.tenantId, approvalId });
    }
    const winner = await this.#findOpen(input);
    if (winner === null) throw new AileronError('CONFLICT', { sessionId: input.sessionId });
    return winner;
  }

  async #findOpen(request: RequestApproval): Promise<ApprovalRow | null> {
    const { tenantId, sessionId, digest, rule } = request;
    const key = { tenantId, sessionId, digest, rule };
    const found = await this.approvals.findOpen(key);
    if (found === null || found.expiresAt.getTime() > this.clock.now()) return found;
    this.#told(await this.approvals.expire({ now: new Date(this.clock.now()), limit: 1, request: key }));
    return null;
  }

  /** NOT_FOUND for another tenant's. What is past its time reads as expired. */
  async get({ tenantId, approvalId }: ApprovalKey): Promise<ApprovalRow> {
    const key = { tenantId, approvalId };
    const approval = await this.approvals.find(key);
    if (approval === null) throw new AileronError('NOT_FOUND', { approvalId });
    const now = this.clock.now();
    if (isFinal(approval.state) || approval.expiresAt.getTime() > now) return approval;
    this.#told(await this.approvals.expire({ now: new Date(now), limit: 1, key }));
    return (await this.approvals.find(key)) ?? approval;
  }

  /** The approval now, then after each change, until it is final or the signal. */
  async *watch(key: ApprovalKey, signal: AbortSignal): AsyncGenerator<ApprovalRow> {
    const { sessionId } = await this.get(key);
    // The end of the session cancels it.
    const changed = this.changes.subscribe(approvalTopic(key.approvalId), sessionTopic(sessionId));
    try {
      let told: ApprovalState | null = null;
      while (!signal.aborted) {
        const approval = await this.get(key);
        if (approval.state !== told) yield approval;
        told = approval.state;
        if (isFinal(approval.state)) return;
        const untilExpiryMs = Math.max(1, approval.expiresAt.getTime() - this.clock.now());
        await changed.next({ timeoutMs: Math.min(RE_READ_MS, untilExpiryMs), signal });
      }
    } finally {
      changed.close();
    }
  }

  /** Stores a person's signed decision. The same decision again is the same answer; any other is PRECONDITION_FAILED. */
  async decide(key: ApprovalKey, envelope: unknown): Promise<ApprovalRow> {
    const approval = await this.get(key);
    const now = this.clock.now();
    const { payload } = await this.#decisions.verify(envelope, approval, now);
    const state = payload.decision === 'approve' ? 'approved' : 'denied';
    const decided = await this.approvals.decide({
      tenantId: approval.tenantId,
      approvalId: approval.approvalId,
      state,
      now: new Date(now),
      expiresAt: new Date(payload.expiresAt),
      decidedAt: new Date(payload.decidedAt),
      decidedBy: payload.approver,
      reason: payload.reason,
      decision: new TextEncoder().encode(JSON.stringify(envelope)),
    });
    const present = await this.get(key);
    if (decided) this.#told([key]);
    else if (present.state !== state || present.decidedBy !== payload.approver) throw wrongState(present);
    return present;
  }

  /** approved → consumed, for one caller only. */
  async consume(input: ApprovalKey & { digest: Uint8Array }): Promise<ApprovalRow> {
    const { tenantId, approvalId, digest } = input;
    const key = { tenantId, approvalId };
    const consumed = await this.approvals.consume({ ...key, digest, now: new Date(this.clock.now()) });
    const approval = await this.get(key);
    if (!consumed) throw wrongState(approval);
    this.#told([key]);
    return approval;
  }

  async list(input: ListApprovals): Promise<ApprovalRow[]> {
    const rows = await this.approvals.list(input);
    const now = this.clock.now();
    const stale = rows.some((row) => !isFinal(row.state) && row.expiresAt.getTime() <= now);
    if (!stale) return rows;
    await this.sweep();
    return this.approvals.list(input);
  }

  /** The same, waiting for one to match. */
  async waitForAny(input: ListApprovals & { waitMs: number; signal?: AbortSignal }): Promise<ApprovalRow[]> {
    const deadline = this.clock.now() + input.waitMs;
    const changed = this.changes.subscribe(APPROVALS);
    try {
      for (;;) {
        const rows = await this.list(input);
        const remaining = deadline - this.clock.now();
        if (rows.length > 0 || remaining <= 0 || input.signal?.aborted === true) return rows;
        await changed.next({ timeoutMs: Math.min(RE_READ_MS, remaining), signal: input.signal });
      }
    } finally {
      changed.close();
    }
  }

  countPending(tenantId: string): Promise<number> {
    return this.approvals.countPending(tenantId);
  }

  async sweep(): Promise<void> {
    this.#told(await this.approvals.expire({ now: new Date(this.clock.now()), limit: SWEEP_LIMIT }));
  }

  #told(keys: readonly ApprovalKey[]): void {
    if (keys.length > 0) this.changes.notify(APPROVALS, ...keys.map((key) => approvalTopic(key.approvalId)));
  }
}

function assertRequest(request: RequestApproval): void {
  const wrong: string[] = [];
  if (request.digest.length !== 32) wrong.push('digest');
  if (!/^[a-z0-9_]{1,64}\.[a-z0-9_]{1,64}$/.test(request.operation)) wrong.push('operation');
  if (request.rule.length < 1 || request.rule.length > 128) wrong.push('rule');
  if (!(request.ttlSeconds >= 1 && request.ttlSeconds <= LONGEST_TTL_SECONDS)) wrong.push('ttl_seconds');
  if (!isPreviewOf(request)) wrong.push('preview');
  if (wrong.length === 0) return;
  throw new AileronError('INVALID_ARGUMENT', { fields: wrong.map((field) => ({ field, message: 'is not valid' })) });
}

/** What the approver will be shown can be shown, and is about the operation that is asked for. */
function isPreviewOf({ preview, operation }: RequestApproval): boolean {
  if (preview.length > LONGEST_PREVIEW_BYTES) return false;
  try {
    const parsed = RequestPreview.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(preview)));
    return parsed.success && parsed.data.operation === operation;
  } catch {
    return false;
  }
}

function wrongState(approval: ApprovalRow): AileronError {
  const { approvalId, state } = approval;
  return new AileronError(state === 'consumed' ? 'APPROVAL_CONSUMED' : 'PRECONDITION_FAILED', { approvalId, state });
}
