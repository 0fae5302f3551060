import { beforeAll, describe, expect, it } from '@jest/globals';
import { endorseDevice, type TrustedPersonDevice, verifyEndorsement } from './device-endorsement.js';
import { signEnvelope } from './dsse.js';
import { generateSigningKey } from './signing-key.js';

const NOW = new Date('2026-11-21T10:00:00Z');
type Keys = Awaited<ReturnType<typeof generateSigningKey>>;
let [own, browser, stranger]: Keys[] = [];
let devices: TrustedPersonDevice[] = [];

beforeAll(async () => {
  [own, browser, stranger] = await Promise.all([generateSigningKey(), generateSigningKey(), generateSigningKey()]);
  devices = [{ userId: 'usr_a', name: 'Ada', key: own!.verifying }];
});

const endorse = (change: Partial<Parameters<typeof endorseDevice>[0]> = {}) =>
  endorseDevice({
    tenantId: 'ten_a',
    userId: 'usr_a',
    name: 'Ada in the browser',
    device: browser!.verifying,
    now: NOW,
    days: 7,
    endorser: own!.signing,
    ...change,
  });
const verify = async (envelope: unknown, change: { tenantId?: string; now?: number } = {}) =>
  verifyEndorsement({ envelope, tenantId: 'ten_a', devices, now: NOW.getTime(), ...change });
const refused = (reason: string) => ({ code: 'SIGNATURE_INVALID', details: { reason } });

describe('an endorsement', () => {
  it('makes a device the person’s own', async () => {
    const device = await verify(await endorse());
    expect(device).toMatchObject({ userId: 'usr_a', name: 'Ada in the browser' });
    expect(device.key.keyId).toBe(browser!.verifying.keyId);
  });

  it('is worth nothing of a stranger, of an endorsed device, for another person or another tenant', async () => {
    await expect(verify(await endorse({ endorser: stranger!.signing }))).rejects.toMatchObject(
      refused('no-trusted-key'),
    );
    await expect(verify(await endorse({ endorser: browser!.signing }))).rejects.toMatchObject(
      refused('no-trusted-key'),
    );
    await expect(verify(await endorse({ userId: 'usr_b' }))).rejects.toMatchObject(refused('other-person'));
    await expect(verify(await endorse(), { tenantId: 'ten_b' })).rejects.toMatchObject(refused('other-tenant'));
  });

  it('ends, after 30 days at the latest', async () => {
    const days = (count: number) => NOW.getTime() + count * 86_400_000;
    await expect(verify(await endorse(), { now: days(7) })).rejects.toMatchObject(refused('expired'));
    const long = await endorse({ days: 1_000 });
    await expect(verify(long, { now: days(29) })).resolves.toBeDefined();
    await expect(verify(long, { now: days(30) })).rejects.toMatchObject(refused('expired'));
  });

  it('is of its own type and shape', async () => {
    const envelope = await endorse();
    await expect(verify({ ...envelope, payloadType: 'text/plain' })).rejects.toMatchObject(refused('payload-type'));
    const payload = new TextEncoder().encode('{"format":"aileron-device-endorsement/1"}');
    const bare = await signEnvelope({ payloadType: envelope.payloadType, payload, key: own!.signing });
    await expect(verify(bare)).rejects.toMatchObject(refused('payload'));
  });
});
