import { beforeAll, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { textOf, utf8 } from './bytes.js';
import { toBase64 } from './base64.js';
import { endorseDevice } from './device-endorsement.js';
import { type DsseEnvelope, signEnvelope } from './dsse.js';
import { generateEncryptionKey, hpkeOpen, hpkeSeal, importEncryptionKeyPair } from './hpke.js';
import { type Lease, LEASE_TYPE, LeaseHeader, SealedLease } from './lease.js';
import { signServiceKey } from './service-key-envelope.js';
import { leaseBinding, sealLease } from './seal-lease.js';
import { Secret } from './secret.js';
import { makeServiceKey, type ServiceKeyHandle } from './service-key.js';
import { exportVerifyingKey, generateSigningKey, type SigningKey, type VerifyingKey } from './signing-key.js';
import { randomBytes } from './web-crypto.js';

const NOW = Date.parse('2026-11-01T12:00:00Z');
const at = (seconds: number) => new Date(NOW + seconds * 1_000);

interface KeyPair {
  readonly signing: SigningKey;
  readonly verifying: VerifyingKey;
}
let service: KeyPair;
let device: KeyPair;
let key: ServiceKeyHandle;
beforeAll(async () => {
  [service, device] = await Promise.all([generateSigningKey(), generateSigningKey()]);
  key = await makeServiceKey(service.signing, 'boot_1');
});

async function leaseFor(change: Partial<Lease> = {}): Promise<Lease> {
  return {
    tenantId: 'ten_local',
    userId: 'usr_local',
    sessionId: 'ses_1',
    issuedAt: at(0),
    expiresAt: at(3_600),
    memberPublicKey: await exportVerifyingKey(device.verifying),
    vaults: ['vlt_a', 'vlt_b'].map((vaultId, i) => {
      return { vaultId, vaultKey: Secret.fromBytes(randomBytes(32)), manifestVersion: i + 1 };
    }),
    ...change,
  };
}
const seal = async (lease: Lease, signer = device.signing, handle = key) =>
  sealLease({ serviceKeyEnvelope: handle.envelope, pinned: [service.verifying], lease, device: signer });
const expected = (change: object = {}) => ({
  tenantId: 'ten_local',
  sessionId: 'ses_1',
  now: at(1),
  devices: [{ userId: 'usr_local', key: device.verifying }],
  ...change,
});
const refused = (reason: string) => ({ code: 'LEASE_INVALID', details: { reason } });

describe('a lease', () => {
  it('brings the vault keys to the service, and shows the relay ids only', async () => {
    const lease = await leaseFor();
    const keys = lease.vaults.map(({ vaultKey }) => Buffer.from(vaultKey.expose()));
    const sealed = await seal(lease);
    expect(Object.keys(JSON.parse(textOf(sealed)) as object).sort()).toEqual(
      ['ciphertextBase64', 'encBase64', 'format', 'recipientPublicKeyBase64', 'sessionId', 'tenantId', 'userId'].sort(),
    );
    const opened = await key.open(sealed, expected());
    expect(opened.vaults.map(({ vaultKey }) => Buffer.from(vaultKey.expose()))).toEqual(keys);
    expect(opened.vaults.map(({ vaultId, manifestVersion }) => [vaultId, manifestVersion])).toEqual([
      ['vlt_a', 1],
      ['vlt_b', 2],
    ]);
    expect(opened).toMatchObject({ userId: 'usr_local', expiresAt: at(3_600), memberPublicKey: lease.memberPublicKey });
    expect(inspect(opened, { depth: 9 })).not.toContain(keys[0]?.toString('hex'));
    for (const raw of keys) expect(Buffer.from(sealed).includes(raw.toString('base64'))).toBe(false);
  });

  it('may hold no vault at all', async () => {
    expect((await key.open(await seal(await leaseFor({ vaults: [] })), expected())).vaults).toEqual([]);
  });

  it('arrives once', async () => {
    const sealed = await seal(await leaseFor());
    await key.open(sealed, expected());
    await expect(key.open(sealed, expected())).rejects.toMatchObject(refused('replayed'));
    const both = await seal(await leaseFor());
    const race = await Promise.allSettled([key.open(both, expected()), key.open(both, expected())]);
    expect(race.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is for one tenant, session, user, boot and device', async () => {
    const sealed = await seal(await leaseFor());
    const other = await generateSigningKey();
    const cases: readonly (readonly [object, string])[] = [
      [{ tenantId: 'ten_other' }, 'another-session'],
      [{ sessionId: 'ses_2' }, 'another-session'],
      [{ devices: [] }, 'not-signed-by-a-device'],
      [{ devices: [{ userId: 'usr_other', key: device.verifying }] }, 'not-signed-by-a-device'],
      [{ devices: [{ userId: 'usr_local', key: other.verifying }] }, 'not-signed-by-a-device'],
    ];
    for (const [change, reason] of cases) {
      await expect(key.open(sealed, expected(change))).rejects.toMatchObject(refused(reason));
    }
    const nextBoot = await makeServiceKey(service.signing, 'boot_2');
    await expect(nextBoot.open(sealed, expected())).rejects.toMatchObject(refused('another-boot'));
  });

  it('does not pass when the relay rewrites whose it is', async () => {
    const sealed = JSON.parse(textOf(await seal(await leaseFor()))) as Record<string, string>;
    const rewrite = (change: object) => utf8(JSON.stringify({ ...sealed, ...change }));
    const asOther = expected({ sessionId: 'ses_2' });
    await expect(key.open(rewrite({ sessionId: 'ses_2' }), asOther)).rejects.toMatchObject(refused('does-not-open'));
    const asEve = expected({ devices: [{ userId: 'usr_eve', key: device.verifying }] });
    await expect(key.open(rewrite({ userId: 'usr_eve' }), asEve)).rejects.toMatchObject(refused('does-not-open'));
    await expect(key.open(rewrite({ encBase64: '' }), expected())).rejects.toMatchObject(refused('does-not-open'));
    await expect(key.open(rewrite({ extra: 1 }), expected())).rejects.toMatchObject(refused('malformed'));
    for (const bad of ['', '{}', 'null', '[]', '\u0000']) {
      await expect(key.open(utf8(bad), expected())).rejects.toMatchObject(refused('malformed'));
    }
    await expect(key.open(new Uint8Array(200_000), expected())).rejects.toMatchObject(refused('too-large'));
  });

  it('is handed in when it was made, and does not outlive a day', async () => {
    const cases: readonly (readonly [Partial<Lease>, Date, string])[] = [
      [{}, at(301), 'not-issued-now'],
      [{}, at(-61), 'not-issued-now'],
      [{ expiresAt: at(10) }, at(10), 'expired'],
      [{ expiresAt: at(86_401) }, at(1), 'too-long'],
    ];
    for (const [change, now, reason] of cases) {
      await expect(key.open(await seal(await leaseFor(change)), expected({ now }))).rejects.toMatchObject(
        refused(reason),
      );
    }
  });

  it('is not sealed to a key that no pinned service key signed', async () => {
    const impostor = await generateSigningKey();
    const theirs = await makeServiceKey(impostor.signing, 'boot_1');
    await expect(seal(await leaseFor(), device.signing, theirs)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  it('cannot be passed on by another service that a device once sealed to, nor carry other keys than it names', async () => {
    const { header, plaintext } = await openedByARogueService();
    const { recipientPublicKeyBase64 } = LeaseHeader.strip().parse(JSON.parse(textOf(await seal(await leaseFor()))));
    const real = { ...header, recipientPublicKeyBase64 };
    const passedOn = await sealAgain(real, plaintext);
    await expect(key.open(passedOn, expected())).rejects.toMatchObject(refused('another-session'));

    const end = 4 + new DataView(plaintext.buffer, plaintext.byteOffset).getUint32(0);
    const { payload } = JSON.parse(textOf(plaintext.subarray(4, end))) as DsseEnvelope;
    const signed = { ...(JSON.parse(Buffer.from(payload, 'base64').toString()) as object), recipientPublicKeyBase64 };
    const envelope = utf8(
      JSON.stringify(
        await signEnvelope({ payloadType: LEASE_TYPE, payload: utf8(JSON.stringify(signed)), key: device.signing }),
      ),
    );
    const length = Buffer.alloc(4);
    length.writeUInt32BE(envelope.length);
    const keys = plaintext.slice(end);
    const whole = await sealAgain(real, Buffer.concat([length, envelope, keys]));
    const flipped = keys.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    for (const [bad, reason] of [
      [flipped, 'keys-changed'],
      [keys.slice(1), 'malformed'],
      [new Uint8Array(), 'malformed'],
    ] as const) {
      const hostile = await sealAgain(real, Buffer.concat([length, envelope, bad]));
      await expect(key.open(hostile, expected())).rejects.toMatchObject(refused(reason));
    }
    await expect(key.open(whole, expected())).resolves.toMatchObject({ sessionId: 'ses_1' });
  });
});

/** A lease sealed to a service whose private key a test holds: its header and what is inside. */
async function openedByARogueService(): Promise<{ header: LeaseHeader; plaintext: Uint8Array }> {
  const pair = await generateEncryptionKey();
  const recipient = await importEncryptionKeyPair(pair);
  const rogue = { bootId: 'rogue', publicKeyBase64: toBase64(pair.publicKeyRaw) };
  const envelope = await signServiceKey(rogue, service.signing);
  const lease = await leaseFor();
  const pinned = [service.verifying];
  const sealed = await sealLease({ serviceKeyEnvelope: envelope, pinned, lease, device: device.signing });
  const { encBase64, ciphertextBase64, ...header } = SealedLease.parse(JSON.parse(textOf(sealed)));
  const [enc, ciphertext] = [Buffer.from(encBase64, 'base64'), Buffer.from(ciphertextBase64, 'base64')];
  const plaintext = await hpkeOpen({ recipient, enc, ciphertext, ...leaseBinding(header) });
  if (plaintext === null) throw new Error('a service opens what was sealed to it');
  return { header, plaintext };
}

async function sealAgain(header: LeaseHeader, plaintext: Uint8Array): Promise<Uint8Array> {
  const recipientPublicKeyRaw = Buffer.from(header.recipientPublicKeyBase64, 'base64');
  const { enc, ciphertext } = await hpkeSeal({ recipientPublicKeyRaw, ...leaseBinding(header), plaintext });
  return utf8(JSON.stringify({ ...header, encBase64: toBase64(enc), ciphertextBase64: toBase64(ciphertext) }));
}

describe('a lease of a browser', () => {
  let browser: KeyPair;
  let stranger: KeyPair;
  beforeAll(async () => {
    [browser, stranger] = await Promise.all([generateSigningKey(), generateSigningKey()]);
  });
  const endorsed = (change: Partial<Parameters<typeof endorseDevice>[0]> = {}) =>
    endorseDevice({
      tenantId: 'ten_local',
      userId: 'usr_local',
      name: 'Ada in the browser',
      device: browser.verifying,
      now: at(0),
      days: 7,
      leases: true,
      endorser: device.signing,
      ...change,
    });
  const sealed = async (endorsement?: DsseEnvelope) =>
    sealLease({
      serviceKeyEnvelope: key.envelope,
      pinned: [service.verifying],
      lease: await leaseFor(),
      device: browser.signing,
      ...(endorsement !== undefined && { endorsement }),
    });

  it('is taken when the person’s own device vouches for the browser', async () => {
    const opened = await key.open(await sealed(await endorsed()), expected());
    expect(opened.vaults).toHaveLength(2);
  });

  it('is refused without that, from another, for something else, and when it is over', async () => {
    const refusals = [
      sealed(),
      endorsed({ endorser: stranger.signing }).then(sealed),
      endorsed({ leases: false }).then(sealed),
      endorsed({ userId: 'usr_other' }).then(sealed),
      endorsed({ tenantId: 'ten_other' }).then(sealed),
      endorsed({ device: stranger.verifying }).then(sealed),
      endorsed({ now: at(-8 * 86_400) }).then(sealed),
    ];
    for (const lease of refusals) {
      await expect(key.open(await lease, expected())).rejects.toMatchObject(refused('not-signed-by-a-device'));
    }
    const devices = [{ userId: 'usr_other', key: device.verifying }];
    const lease = await sealed(await endorsed());
    await expect(key.open(lease, expected({ devices }))).rejects.toMatchObject(refused('not-signed-by-a-device'));
  });
});
