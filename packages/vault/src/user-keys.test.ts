import { describe, expect, it } from '@jest/globals';
import { fromBase64, toBase64 } from './base64.js';
import { textOf, utf8 } from './bytes.js';
import { type DsseEnvelope, signEnvelope } from './dsse.js';
import { type KdfParameters } from './key-derivation.js';
import { Secret } from './secret.js';
import { importSigningKey, type StoredSigningKey, generateSigningKey } from './signing-key.js';
import { readMemberIdentity, USER_FILE_TYPE, type UserFile } from './user-file.js';
import { changePassphrase, createUser, recoverUser, unlockUser } from './user-keys.js';

const kdf: KdfParameters = { algorithm: 'argon2id', memoryKiB: 19_456, iterations: 2, parallelism: 1 };
const PASSPHRASE = 'correct horse battery staple';
const secret = (text: string) => Secret.fromString(text);
const someone = (userId = 'usr_local') => createUser({ userId, name: 'Ada', passphrase: secret(PASSPHRASE), kdf });

function payloadOf(file: Uint8Array): UserFile {
  const envelope = JSON.parse(textOf(file)) as DsseEnvelope;
  return JSON.parse(textOf(fromBase64(envelope.payload) ?? new Uint8Array())) as UserFile;
}

/** The file as somebody who writes the store would leave it: changed, with the old signature. */
function rewritten(file: Uint8Array, change: (user: UserFile) => UserFile): Uint8Array {
  const envelope = JSON.parse(textOf(file)) as DsseEnvelope;
  return utf8(JSON.stringify({ ...envelope, payload: toBase64(utf8(JSON.stringify(change(payloadOf(file))))) }));
}

/** The same, signed with a key of the attacker's. */
async function resigned(file: Uint8Array, stored: StoredSigningKey, change: (user: UserFile) => UserFile) {
  const payload = utf8(JSON.stringify(change(payloadOf(file))));
  const key = await importSigningKey(stored);
  return utf8(JSON.stringify(await signEnvelope({ payloadType: USER_FILE_TYPE, payload, key })));
}

describe('a person’s keys', () => {
  it('open with the passphrase and with the recovery kit, and are the same keys', async () => {
    const { file, keys, recoveryKit } = await someone();
    for (const opened of [
      await unlockUser({ file, passphrase: secret(PASSPHRASE) }),
      await recoverUser({ file, recoveryKit: recoveryKit.toLowerCase() }),
    ]) {
      expect(opened.userId).toBe('usr_local');
      expect(opened.verifying.keyId).toBe(keys.verifying.keyId);
      expect(opened.x25519PublicKeyRaw).toEqual(keys.x25519PublicKeyRaw);
      await expect(crypto.subtle.exportKey('pkcs8', opened.x25519PrivateKey)).rejects.toThrow();
      await expect(crypto.subtle.exportKey('pkcs8', opened.signing.privateKey)).rejects.toThrow();
    }
  });

  it('do not open with another passphrase or another person’s kit', async () => {
    const [{ file }, other] = await Promise.all([someone(), someone()]);
    const wrong = { code: 'PASSPHRASE_WRONG' };
    await expect(unlockUser({ file, passphrase: secret(`${PASSPHRASE} `) })).rejects.toMatchObject(wrong);
    await expect(recoverUser({ file, recoveryKit: other.recoveryKit })).rejects.toMatchObject(wrong);
  });

  it('are nowhere in the file in clear, nor is the passphrase', async () => {
    const { file, recoveryKit } = await someone();
    expect(textOf(file)).not.toContain(PASSPHRASE);
    expect(JSON.stringify(payloadOf(file))).not.toContain(recoveryKit);
    expect(JSON.stringify(payloadOf(file))).not.toContain('MC4CAQAwBQYDK2V');
  });

  it('a changed passphrase opens the same keys; the old one no more; the kit still', async () => {
    const { file, keys, recoveryKit } = await someone();
    const next = secret('another long passphrase');
    const changed = await changePassphrase({ file, passphrase: secret(PASSPHRASE), newPassphrase: next, kdf });
    expect((await unlockUser({ file: changed, passphrase: next })).verifying.keyId).toBe(keys.verifying.keyId);
    await expect(unlockUser({ file: changed, passphrase: secret(PASSPHRASE) })).rejects.toMatchObject({
      code: 'PASSPHRASE_WRONG',
    });
    const third = secret('after the first was forgotten');
    const recovered = await changePassphrase({ file: changed, recoveryKit, newPassphrase: third, kdf });
    expect((await unlockUser({ file: recovered, passphrase: third })).verifying.keyId).toBe(keys.verifying.keyId);
  });

  it('refuses a short passphrase, a weak KDF and a wrong id when they are made', async () => {
    const input = { userId: 'usr_a', name: 'Ada', passphrase: secret(PASSPHRASE), kdf };
    await expect(createUser({ ...input, passphrase: secret('1234567') })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(createUser({ ...input, userId: '../x' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const weak = { ...kdf, memoryKiB: 1_024 };
    await expect(createUser({ ...input, kdf: weak })).rejects.toMatchObject({ code: 'KDF_TOO_WEAK' });
  });
});

describe('a user file in the hands of a hostile store', () => {
  // A zeroed passphrase throws INTERNAL when it is touched: none of these may get that far.
  const untouched = secret('untouched passphrase');
  untouched.zero();

  it('is refused before the passphrase is used when its KDF was weakened', async () => {
    const { file } = await someone();
    const attacker = (await generateSigningKey()).stored;
    const weaken = (user: UserFile): UserFile => ({ ...user, kdf: { ...user.kdf, memoryKiB: 64, iterations: 1 } });
    const withOwnKey = (user: UserFile): UserFile => ({
      ...weaken(user),
      signing: { keyId: attacker.keyId, publicKeyBase64: attacker.publicKeyBase64 },
    });
    for (const hostile of [rewritten(file, weaken), await resigned(file, attacker, withOwnKey)]) {
      await expect(unlockUser({ file: hostile, passphrase: untouched })).rejects.toMatchObject({
        code: 'KDF_TOO_WEAK',
      });
    }
  });

  it('is refused when any part was changed, cut or replaced', async () => {
    const [{ file }, other] = await Promise.all([someone(), someone('usr_other')]);
    const attacker = (await generateSigningKey()).stored;
    const hostile = [
      rewritten(file, (user) => ({ ...user, name: 'Eve' })),
      rewritten(file, (user) => ({ ...user, userId: 'usr_eve' })),
      rewritten(file, (user) => ({ ...user, kdf: { ...user.kdf, iterations: 3 } })),
      rewritten(file, (user) => ({ ...user, encryption: payloadOf(other.file).encryption })),
      rewritten(file, (user) => ({ ...user, byPassphrase: payloadOf(other.file).byPassphrase })),
      rewritten(file, (user) => ({ ...user, signing: payloadOf(other.file).signing })),
      await resigned(file, attacker, (user) => user),
      file.slice(0, -40),
      new Uint8Array(),
      utf8('null'),
      new Uint8Array(60_000).fill(0x20),
    ];
    for (const one of hostile) {
      await expect(unlockUser({ file: one, passphrase: untouched })).rejects.toMatchObject({ code: 'VAULT_TAMPERED' });
    }
  });

  it('does not open, whoever signed it, when wrappings of two people were mixed', async () => {
    const { file } = await someone();
    const attacker = (await generateSigningKey()).stored;
    const signing = { keyId: attacker.keyId, publicKeyBase64: attacker.publicKeyBase64 };
    const hostile = await resigned(file, attacker, (user) => ({ ...user, signing }));
    await expect(unlockUser({ file: hostile, passphrase: secret(PASSPHRASE) })).rejects.toMatchObject({
      code: 'PASSPHRASE_WRONG',
    });
    expect((await readMemberIdentity(hostile)).fingerprint).not.toBe((await readMemberIdentity(file)).fingerprint);
  });
});
