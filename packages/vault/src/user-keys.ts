import { AileronError } from '@aileron/errors';
import { fromBase64, toBase64 } from './base64.js';
import { equalBytes, utf8 } from './bytes.js';
import { type BoxPurpose, openBox, sealBox } from './committed-box.js';
import { type EncryptionKeyPair, generateEncryptionKey, hpkeOpen, hpkeSeal, importEncryptionKeyPair } from './hpke.js';
import { assertKdfAcceptable, DEFAULT_KDF, deriveMasterKey, type KdfParameters } from './key-derivation.js';
import { parseInput } from './parse-input.js';
import { generateRecoveryKit, recoveryKeyOf } from './recovery-kit.js';
import { Secret } from './secret.js';
import { signJson } from './signed-json.js';
import {
  generateSigningKey,
  importSigningKey,
  importVerifyingKey,
  type SigningKey,
  type StoredVerifyingKey,
  type VerifyingKey,
} from './signing-key.js';
import { tampered } from './tampered.js';
import { readUserFile, saltOf, USER_FILE_TYPE, UserFile } from './user-file.js';
import { randomBytes, type WebCryptoKey } from './web-crypto.js';

/** A person's unlocked keys. None of the private ones can be exported. */
export interface UserKeys {
  readonly userId: string;
  readonly name: string;
  readonly signing: SigningKey;
  readonly verifying: VerifyingKey;
  /** The form at rest of `verifying`. */
  readonly storedVerifying: StoredVerifyingKey;
  readonly x25519PrivateKey: WebCryptoKey;
  readonly x25519PublicKey: WebCryptoKey;
  readonly x25519PublicKeyRaw: Uint8Array;
}

/** Both private keys as PKCS #8, on their way from one wrapping to another. */
interface PrivateKeys {
  readonly signing: Secret;
  readonly encryption: Secret;
}

const MIN_PASSPHRASE_BYTES = 8;

/** A new person: the file users/{id}.json, their unlocked keys, and the recovery kit, which is shown once. */
export async function createUser(input: {
  userId: string;
  name: string;
  passphrase: Secret;
  kdf?: KdfParameters;
}): Promise<{ file: Uint8Array; keys: UserKeys; recoveryKit: string }> {
  const { stored } = await generateSigningKey();
  const pair = await generateEncryptionKey();
  const identity = {
    ...parseInput(UserFile.pick({ userId: true, name: true }), { userId: input.userId, name: input.name }, 'user'),
    signing: { keyId: stored.keyId, publicKeyBase64: stored.publicKeyBase64 },
    encryption: { publicKeyBase64: toBase64(pair.publicKeyRaw) },
  };
  const privateKeys = {
    signing: Secret.fromBytes(fromBase64(stored.privateKeyBase64) ?? new Uint8Array()),
    encryption: Secret.fromBytes(pair.pkcs8),
  };
  try {
    const recoveryKit = await generateRecoveryKit();
    const recoveryKey = await recoveryKeyOf(recoveryKit);
    const wrapped = { privateKeys, identity };
    const byRecoveryKit = await wrapPrivateKeys({ ...wrapped, ...recoveryWrapping(recoveryKey) });
    recoveryKey.zero();
    const byPassphrase = await wrapUnderPassphrase({ ...wrapped, passphrase: input.passphrase, kdf: input.kdf });
    const file = { format: 'aileron-user/1', ...identity, ...byPassphrase, byRecoveryKit } as const;
    const keys = await importUserKeys(file, privateKeys);
    return { file: await writeUserFile(file, keys), keys, recoveryKit };
  } finally {
    zeroAll(privateKeys);
  }
}

/** PASSPHRASE_WRONG; KDF_TOO_WEAK before the passphrase is used; VAULT_TAMPERED. */
export async function unlockUser(input: { file: Uint8Array; passphrase: Secret }): Promise<UserKeys> {
  const file = await readUserFile(input.file);
  return await withPrivateKeys(await unwrapWith(file, input), (keys) => importUserKeys(file, keys));
}

/** With the recovery kit in place of the passphrase. INVALID_ARGUMENT when mistyped, PASSPHRASE_WRONG when another's. */
export async function recoverUser(input: { file: Uint8Array; recoveryKit: string }): Promise<UserKeys> {
  const file = await readUserFile(input.file);
  return await withPrivateKeys(await unwrapWith(file, input), (keys) => importUserKeys(file, keys));
}

/** A user file for the same keys under a new passphrase, opened by the old one or by the kit. The kit stays valid. */
export async function changePassphrase(
  input: { file: Uint8Array; newPassphrase: Secret; kdf?: KdfParameters } & (
    { passphrase: Secret } | { recoveryKit: string }
  ),
): Promise<Uint8Array> {
  const old = await readUserFile(input.file);
  return await withPrivateKeys(await unwrapWith(old, input), async (privateKeys) => {
    const passphrase = input.newPassphrase;
    const byPassphrase = await wrapUnderPassphrase({ privateKeys, identity: old, passphrase, kdf: input.kdf });
    return await writeUserFile({ ...old, ...byPassphrase }, await importUserKeys(old, privateKeys));
  });
}

type Identity = Pick<UserFile, 'userId' | 'signing' | 'encryption'>;
type Wrapping = { wrappingKey: Secret; purpose: BoxPurpose; kdf: KdfParameters | null; saltBase64: string | null };

const recoveryWrapping = (wrappingKey: Secret): Wrapping => ({
  wrappingKey,
  purpose: 'recovered-private-key',
  kdf: null,
  saltBase64: null,
});

async function unwrapWith(file: UserFile, by: { passphrase: Secret } | { recoveryKit: string }): Promise<PrivateKeys> {
  const { kdf, saltBase64 } = file;
  const isPassphrase = 'passphrase' in by;
  const wrapping: Wrapping = isPassphrase
    ? {
        wrappingKey: await deriveMasterKey({ passphrase: by.passphrase, salt: saltOf(file), kdf }),
        purpose: 'user-private-key',
        kdf,
        saltBase64,
      }
    : recoveryWrapping(await recoveryKeyOf(by.recoveryKit));
  try {
    const wrapped = isPassphrase ? file.byPassphrase : file.byRecoveryKit;
    const signing = await unwrapPrivateKey({ ...wrapping, identity: file, use: 'signing', box: wrapped.signingBase64 });
    const box = wrapped.encryptionBase64;
    return { signing, encryption: await unwrapPrivateKey({ ...wrapping, identity: file, use: 'encryption', box }) };
  } finally {
    wrapping.wrappingKey.zero();
  }
}

async function wrapUnderPassphrase(input: {
  privateKeys: PrivateKeys;
  identity: Identity;
  passphrase: Secret;
  kdf: KdfParameters | undefined;
}) {
  if (input.passphrase.length < MIN_PASSPHRASE_BYTES) {
    const message = `must have at least ${MIN_PASSPHRASE_BYTES} characters`;
    throw new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'passphrase', message }] });
  }
  const kdf = input.kdf ?? DEFAULT_KDF;
  const salt = randomBytes(16);
  assertKdfAcceptable(kdf, salt);
  const saltBase64 = toBase64(salt);
  const wrappingKey = await deriveMasterKey({ passphrase: input.passphrase, salt, kdf });
  try {
    const wrapping: Wrapping = { wrappingKey, purpose: 'user-private-key', kdf, saltBase64 };
    return { kdf, saltBase64, byPassphrase: await wrapPrivateKeys({ ...input, ...wrapping }) };
  } finally {
    wrappingKey.zero();
  }
}

async function wrapPrivateKeys(input: { privateKeys: PrivateKeys; identity: Identity } & Wrapping) {
  const seal = async (use: 'signing' | 'encryption') => {
    const { wrappingKey: key, purpose } = input;
    return toBase64(
      await sealBox({ key, purpose, context: contextOf(input, use), plaintext: input.privateKeys[use].expose() }),
    );
  };
  return { signingBase64: await seal('signing'), encryptionBase64: await seal('encryption') };
}

async function unwrapPrivateKey(
  input: { identity: Identity; use: 'signing' | 'encryption'; box: string } & Wrapping,
): Promise<Secret> {
  const { wrappingKey: key, purpose, use } = input;
  const box = fromBase64(input.box) ?? new Uint8Array();
  const opened = await openBox({ key, purpose, context: contextOf(input, use), box });
  if ('plaintext' in opened) return Secret.fromBytes(opened.plaintext);
  if (opened.failure === 'key') throw new AileronError('PASSPHRASE_WRONG');
  throw tampered('wrapped-key', { path: 'users' });
}

/** Whose key, which one, for what public half, and under which KDF: all of it authenticated. */
function contextOf(input: { identity: Identity; kdf: KdfParameters | null; saltBase64: string | null }, use: string) {
  const { userId, signing, encryption } = input.identity;
  const publicKeys = { signing: signing.publicKeyBase64, encryption: encryption.publicKeyBase64 };
  return { userId, use, publicKeys, kdf: input.kdf, saltBase64: input.saltBase64 };
}

async function importUserKeys(file: Identity & { name?: string }, privateKeys: PrivateKeys): Promise<UserKeys> {
  const publicKeyRaw = fromBase64(file.encryption.publicKeyBase64);
  if (publicKeyRaw === null) throw tampered('encryption-key', { path: 'users' });
  const privateKeyBase64 = toBase64(privateKeys.signing.expose());
  const pair = await importEncryptionKeyPair({ pkcs8: privateKeys.encryption.expose(), publicKeyRaw });
  await probePair(pair, publicKeyRaw);
  return {
    userId: file.userId,
    name: file.name ?? file.userId,
    signing: await importSigningKey({ ...file.signing, privateKeyBase64 }),
    verifying: await importVerifyingKey(file.signing),
    storedVerifying: file.signing,
    x25519PrivateKey: pair.privateKey,
    x25519PublicKey: pair.publicKey,
    x25519PublicKeyRaw: publicKeyRaw,
  };
}

/** Both halves belong together, or everything wrapped from now on would be lost. */
async function probePair(recipient: EncryptionKeyPair, recipientPublicKeyRaw: Uint8Array): Promise<void> {
  const [info, plaintext] = [utf8('aileron key pair probe'), randomBytes(16)];
  const sealed = await hpkeSeal({ recipientPublicKeyRaw, info, aad: info, plaintext });
  const opened = await hpkeOpen({ recipient, info, aad: info, ...sealed });
  if (opened === null || !equalBytes(opened, plaintext)) throw tampered('encryption-key', { path: 'users' });
}

async function writeUserFile(value: UserFile, keys: UserKeys): Promise<Uint8Array> {
  return await signJson({ payloadType: USER_FILE_TYPE, value: UserFile.parse(value), key: keys.signing });
}

async function withPrivateKeys<T>(privateKeys: PrivateKeys, use: (keys: PrivateKeys) => Promise<T>): Promise<T> {
  try {
    return await use(privateKeys);
  } finally {
    zeroAll(privateKeys);
  }
}

function zeroAll({ signing, encryption }: PrivateKeys): void {
  signing.zero();
  encryption.zero();
}
