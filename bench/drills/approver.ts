import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  APPROVAL_DECISION_TYPE,
  ApprovalView,
  ListApprovalsResponse,
  LOCAL_TENANT_ID,
  type ApprovalDecision,
} from '@aileron/contracts/rest';
import { importSigningKey, signEnvelope, StoredSigningKey, type SigningKey } from '@aileron/vault';
import { pause } from './drill-clock.ts';
import type { DrillHome } from './drill-home.ts';
import { isRecord, markerIn } from './operation.ts';

const POLL_MS = 100;

/**
 * The person at the approvals, with the device key of the home. Says yes to each operation once: who is asked again about
 * the same says no, because nobody knows whether the first one arrived.
 */
export class Approver {
  readonly #home: DrillHome;
  readonly #key: SigningKey;
  readonly #withheld = new Set<string>();
  /** The approval that was granted for a marker. */
  readonly #granted = new Map<string, string>();
  readonly #asked = new Set<string>();
  #ending = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(home: DrillHome, key: SigningKey) {
    this.#home = home;
    this.#key = key;
  }

  static async start(home: DrillHome): Promise<Approver> {
    const stored = StoredSigningKey.parse(JSON.parse(readFileSync(home.path('home', 'keys', 'device.key'), 'utf8')));
    const approver = new Approver(home, await importSigningKey(stored));
    approver.#running = approver.#run();
    return approver;
  }

  /** Is asked about this one and leaves it waiting, until it is released. */
  withhold(marker: string): void {
    this.#withheld.add(marker);
  }

  release(marker: string): void {
    this.#withheld.delete(marker);
  }

  hasBeenAskedAbout = (marker: string): boolean => this.#asked.has(marker);
  hasApproved = (marker: string): boolean => this.#granted.has(marker) && !this.#withheld.has(marker);

  async stop(): Promise<void> {
    this.#ending = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ending) {
      // Whoever answers may be away: the person looks again.
      await this.#look().catch(() => undefined);
      await pause(POLL_MS);
    }
  }

  async #look(): Promise<void> {
    const path = '/v1/approvals?state=pending&limit=500';
    const { approvals } = await this.#home.call({ method: 'GET', path, schema: ListApprovalsResponse });
    for (const approval of approvals) {
      const marker = markerOf(approval);
      this.#asked.add(marker);
      if (this.#withheld.has(marker)) continue;
      const isFirst = (this.#granted.get(marker) ?? approval.approvalId) === approval.approvalId;
      await this.#decide(approval, isFirst ? 'approve' : 'deny');
      if (isFirst) this.#granted.set(marker, approval.approvalId);
    }
  }

  async #decide(approval: ApprovalView, decision: 'approve' | 'deny'): Promise<void> {
    const preview = Buffer.from(approval.previewBase64, 'base64');
    const payload: ApprovalDecision = {
      tenantId: LOCAL_TENANT_ID,
      approvalId: approval.approvalId,
      sessionId: approval.sessionId,
      digest: approval.digest,
      previewSha256: hash('sha256', preview, 'base64url'),
      decision,
      approver: 'usr_local',
      reason: decision === 'deny' ? 'I said yes to this once already' : null,
      decidedAt: new Date().toISOString(),
      expiresAt: approval.expiresAt,
    };
    const bytes = new TextEncoder().encode(JSON.stringify(payload));
    const envelope = await signEnvelope({ payloadType: APPROVAL_DECISION_TYPE, payload: bytes, key: this.#key });
    const path = `/v1/approvals/${encodeURIComponent(approval.approvalId)}/decision`;
    await this.#home.call({ method: 'POST', path, schema: ApprovalView, body: { envelope } });
  }
}

const markerOf = ({ preview }: ApprovalView): string =>
  (isRecord(preview.arguments) ? markerIn(preview.arguments) : undefined) ?? '';
