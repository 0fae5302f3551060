import {
  DsseEnvelope,
  exportVerifyingKey,
  generateDeviceKey,
  type SigningKey,
  type VerifyingKey,
} from '@aileron/vault';
import { z } from 'zod';
import { request } from '../api/request.js';
import { DeviceStore } from './device-store.js';

/** This browser's key, and the statement of the person's own device that it may decide approvals. */
export interface BrowserKey {
  readonly signing: SigningKey;
  readonly verifying: VerifyingKey;
  readonly endorsement: DsseEnvelope;
}

const Endorsed = z.object({ endorsement: DsseEnvelope });
const RENEW_BEFORE_MS = 86_400_000;

let pending: Promise<BrowserKey> | undefined;

/** The key of this browser: made and vouched for at the first call, and again when that is about to end. */
export function browserKey(): Promise<BrowserKey> {
  pending ??= load().catch((error: unknown) => {
    pending = undefined;
    throw error;
  });
  return pending;
}

async function load(): Promise<BrowserKey> {
  const store = await DeviceStore.open();
  const known = await store.read();
  if (known !== undefined && endsAt(known.endorsement) > Date.now() + RENEW_BEFORE_MS) return known;
  const { signing, verifying } = known ?? (await generateDeviceKey());
  const body = await exportVerifyingKey(verifying);
  const { endorsement } = await request('/api/device', Endorsed, { method: 'POST', body });
  const key = { signing, verifying, endorsement };
  await store.write(key);
  return key;
}

/** One that allows approvals alone is from an earlier version, and over. */
const Endorsement = z.object({ expiresAt: z.iso.datetime(), purpose: z.literal('approvals-and-leases') });

/** Of its payload, which only the services verify: here it says when to ask anew. */
function endsAt({ payload }: DsseEnvelope): number {
  try {
    return Date.parse(Endorsement.parse(JSON.parse(atob(payload))).expiresAt);
  } catch {
    return 0;
  }
}
