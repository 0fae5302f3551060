import { signEnvelope, verifyEnvelope, type DsseEnvelope, type SigningKey, type VerifyingKey } from '@aileron/vault';
import { z } from 'zod';
import type { AuditPlace } from './audit-chain.js';
import type { AuditInput, AuditRecordOf } from './audit-record.js';

export const AUDIT_CHECKPOINT_TYPE = 'application/vnd.aileron.audit-checkpoint+json';

/** A writer signs at least this often. */
export const CHECKPOINT_EVERY_RECORDS = 1_000;

/**
 * What is signed: a place in the chain, and the id and time of the record that carries the signature, so that no byte
 * of that record can change either. Kept elsewhere, it is what proves later that nothing was cut or rolled back.
 */
export const AuditCheckpoint = z.strictObject({
  tenantId: z.string().max(128),
  stream: z.string().max(64),
  seq: z.int().min(1),
  hash: z.string().length(43),
  id: z.string().max(64),
  at: z.iso.datetime(),
});
export type AuditCheckpoint = z.infer<typeof AuditCheckpoint>;

/** The record to append for a place of the chain; more records may have been appended since. */
export async function makeCheckpoint(input: {
  place: AuditPlace;
  tenantId: string;
  id: string;
  at: string;
  key: SigningKey;
}): Promise<Extract<AuditInput, { kind: 'checkpoint' }>> {
  const { place, tenantId, id, at, key } = input;
  const checkpoint: AuditCheckpoint = { tenantId, stream: place.stream, seq: place.seq, hash: place.hash, id, at };
  const payload = new TextEncoder().encode(JSON.stringify(checkpoint));
  const envelope: DsseEnvelope = await signEnvelope({ payloadType: AUDIT_CHECKPOINT_TYPE, payload, key });
  return { kind: 'checkpoint', id, at, tenantId, envelope };
}

/** The checkpoint of an envelope that one of `keys` signed. SIGNATURE_INVALID otherwise. */
export async function readCheckpoint(envelope: unknown, keys: readonly VerifyingKey[]): Promise<AuditCheckpoint> {
  const { payload } = await verifyEnvelope({ envelope, payloadType: AUDIT_CHECKPOINT_TYPE, keys });
  return AuditCheckpoint.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)));
}

/** The same for a record of the chain, which must be the one that was signed. Null when it is not to be believed. */
export async function checkpointOf(
  record: AuditRecordOf<'checkpoint'>,
  keys: readonly VerifyingKey[],
): Promise<AuditCheckpoint | null> {
  try {
    const checkpoint = await readCheckpoint(record.envelope, keys);
    const same =
      checkpoint.stream === record.stream &&
      checkpoint.tenantId === record.tenantId &&
      checkpoint.id === record.id &&
      checkpoint.at === record.at &&
      checkpoint.seq < record.seq;
    return same ? checkpoint : null;
  } catch {
    return null;
  }
}
