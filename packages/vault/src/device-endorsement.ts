import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.js';
import { type DsseEnvelope, signEnvelope, verifyEnvelope } from './dsse.js';
import {
  exportVerifyingKey,
  importVerifyingKey,
  type SigningKey,
  StoredVerifyingKey,
  type VerifyingKey,
} from './signing-key.js';

export const DEVICE_ENDORSEMENT_TYPE = 'application/vnd.aileron.device-endorsement+json';

/** A device, such as a browser, that a person's own device vouches for: to decide approvals, or also to hand in leases. */
const DeviceEndorsement = z.strictObject({
  format: z.literal('aileron-device-endorsement/1'),
  tenantId: z.string().min(1).max(64),
  userId: z.string().min(1).max(64),
  name: z.string().min(1).max(128),
  purpose: z.enum(['approvals', 'approvals-and-leases']),
  device: StoredVerifyingKey,
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

/** A person's device whose signature is believed. */
export interface TrustedPersonDevice {
  readonly userId: string;
  readonly name: string;
  readonly key: VerifyingKey;
}

const LONGEST_DAYS = 30;
const DAY_MS = 86_400_000;

/** Vouches for another device of the same person, for at most 30 days. */
export async function endorseDevice(input: {
  tenantId: string;
  userId: string;
  name: string;
  device: VerifyingKey;
  now: Date;
  days: number;
  /** It may also hand in leases: there a person unlocks their vault. */
  leases?: boolean;
  endorser: SigningKey;
}): Promise<DsseEnvelope> {
  const { tenantId, userId, name, now } = input;
  const payload = canonicalJson({
    format: 'aileron-device-endorsement/1',
    tenantId,
    userId,
    name,
    purpose: input.leases === true ? 'approvals-and-leases' : 'approvals',
    device: { ...(await exportVerifyingKey(input.device)) },
    issuedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + Math.min(input.days, LONGEST_DAYS) * DAY_MS).toISOString(),
  });
  return signEnvelope({ payloadType: DEVICE_ENDORSEMENT_TYPE, payload, key: input.endorser });
}

/**
 * The device that an endorsement vouches for. Its endorser must be one of `devices`, of the same person: an endorsed device
 * endorses nobody. `leases`: it must be one that may hand in leases. SIGNATURE_INVALID with a reason: that of the envelope,
 * payload, other-tenant, other-person, purpose, expired.
 */
export async function verifyEndorsement(input: {
  envelope: unknown;
  tenantId: string;
  devices: readonly TrustedPersonDevice[];
  now: number;
  leases?: boolean;
}): Promise<TrustedPersonDevice> {
  const keys = input.devices.map(({ key }) => key);
  const { payload, keyId } = await verifyEnvelope({
    envelope: input.envelope,
    payloadType: DEVICE_ENDORSEMENT_TYPE,
    keys,
  });
  const endorsement = parse(payload);
  const { tenantId, userId, name, device } = endorsement;
  if (tenantId !== input.tenantId) throw invalid('other-tenant');
  const endorser = input.devices.find(({ key }) => key.keyId === keyId);
  if (endorser?.userId !== userId) throw invalid('other-person');
  if (input.leases === true && endorsement.purpose !== 'approvals-and-leases') throw invalid('purpose');
  const [from, until] = [Date.parse(endorsement.issuedAt), Date.parse(endorsement.expiresAt)];
  if (until <= input.now || until - from > LONGEST_DAYS * DAY_MS) throw invalid('expired');
  return { userId, name, key: await importVerifyingKey(device) };
}

function parse(payload: Uint8Array): z.infer<typeof DeviceEndorsement> {
  try {
    return DeviceEndorsement.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)));
  } catch {
    throw invalid('payload');
  }
}

const invalid = (reason: string) => new AileronError('SIGNATURE_INVALID', { reason });
