import { createHash } from 'node:crypto';
import { APPROVAL_DECISION_TYPE, ApprovalDecision } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { importVerifyingKey, verifyEndorsement, verifyEnvelope, type VerifyingKey } from '@aileron/vault';
import { z } from 'zod';
import type { DeviceKey } from '../config.js';
import type { ApprovalRow } from './approval.js';

/** Longer than any approval lives: a decision cannot make itself good for ever. */
const LONGEST_DECISION_MS = 24 * 60 * 60 * 1_000;

export interface VerifiedDecision {
  readonly payload: ApprovalDecision;
  readonly device: Decider;
}

/** The person whose device it was. */
export type Decider = Pick<DeviceKey, 'userId' | 'name'>;

/** Checks that a person whose device this tenant trusts decided exactly this approval. */
export class DecisionVerifier {
  readonly #keys: Promise<readonly { key: VerifyingKey; device: Decider }[]>;

  constructor(devices: readonly DeviceKey[]) {
    this.#keys = Promise.all(devices.map(async (device) => ({ key: await importVerifyingKey(device), device })));
    this.#keys.catch(() => undefined);
  }

  /**
   * SIGNATURE_INVALID: not signed by a trusted device. APPROVAL_INVALID: signed, but about something else, or in
   * another's name. APPROVAL_EXPIRED: a decision whose own time is over.
   */
  async verify(envelope: unknown, approval: ApprovalRow, now: number): Promise<VerifiedDecision> {
    const keys = await this.#trusted(envelope, approval.tenantId, now);
    const { payload, keyId } = await verifyEnvelope({
      envelope,
      payloadType: APPROVAL_DECISION_TYPE,
      keys: keys.map(({ key }) => key),
    });
    const decision = parseDecision(payload);
    const device = keys.find(({ key }) => key.keyId === keyId)!.device;
    const mismatch = findMismatch(decision, approval, device);
    if (mismatch !== null) throw new AileronError('APPROVAL_INVALID', { mismatch });
    const expiresAt = Date.parse(decision.expiresAt);
    if (expiresAt <= now) throw new AileronError('APPROVAL_EXPIRED');
    if (expiresAt > now + LONGEST_DECISION_MS) throw new AileronError('APPROVAL_INVALID', { mismatch: 'expiresAt' });
    return { payload: decision, device };
  }

  /** The devices of the configuration, and the one that the envelope brings an endorsement of by one of them. */
  async #trusted(envelope: unknown, tenantId: string, now: number) {
    const known = await this.#keys;
    const endorsement = Endorsed.safeParse(envelope).data?.endorsement;
    if (endorsement === undefined) return known;
    const devices = known.map(({ key, device: { userId, name } }) => ({ key, userId, name }));
    const { key, userId, name } = await verifyEndorsement({ envelope: endorsement, tenantId, devices, now });
    return [...known, { key, device: { userId, name } }];
  }
}

const Endorsed = z.looseObject({ endorsement: z.unknown().optional() });

function parseDecision(payload: Uint8Array): ApprovalDecision {
  try {
    return ApprovalDecision.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)));
  } catch (error) {
    throw new AileronError('APPROVAL_INVALID', { mismatch: 'payload' }, { cause: error });
  }
}

function findMismatch(decision: ApprovalDecision, approval: ApprovalRow, device: Decider): string | null {
  const expected = {
    tenantId: approval.tenantId,
    approvalId: approval.approvalId,
    sessionId: approval.sessionId,
    digest: Buffer.from(approval.digest).toString('base64url'),
    previewSha256: createHash('sha256').update(approval.preview).digest('base64url'),
  };
  for (const [field, value] of Object.entries(expected)) {
    if (decision[field as keyof typeof expected] !== value) return field;
  }
  return decision.approver === device.userId || decision.approver === device.name ? null : 'approver';
}
