import { z } from 'zod';
import { fromBase64, toBase64, toBase64Url } from './base64.js';
import { canonicalJson } from './canonical-json.js';
import { concatBytes, equalBytes, utf8 } from './bytes.js';
import { type EncryptionKeyPair, hpkeOpen, hpkeSeal } from './hpke.js';
import { Secret } from './secret.js';
import { sha256 } from './sha256.js';
import { signJson, verifyJson } from './signed-json.js';
import { type SigningKey, type VerifyingKey } from './signing-key.js';
import { tampered } from './tampered.js';
import { UserId } from './user-file.js';
import { VaultId } from './vault-manifest.js';
import { randomBytes } from './web-crypto.js';

export const KEY_WRAP_TYPE = 'application/vnd.aileron.vault-key-wrap+json';

/** key_wrappings/{user_id}.wrap: the vault key for one member, signed by whoever granted it. */
const KeyWrap = z.strictObject({
  format: z.literal('aileron-wrap/1'),
  vaultId: VaultId,
  keyEpoch: z.int().min(1),
  userId: UserId,
  recipientPublicKeyBase64: z.base64().max(64),
  vaultKeyCommitment: z.string().max(43),
  encBase64: z.base64().max(64),
  ciphertextBase64: z.base64().max(128),
});

/** Which vault key, for whom. All of it is bound to the ciphertext. */
export interface WrapTarget {
  readonly vaultId: string;
  readonly keyEpoch: number;
  readonly userId: string;
  readonly recipientPublicKeyBase64: string;
}

/** 256 random bits. */
export const generateVaultKey = (): Secret => Secret.fromBytes(randomBytes(32));

/** Names a vault key without telling it: base64url SHA-256 over a label, the vault, the epoch and the key. */
export async function vaultKeyCommitment(vaultKey: Secret, vaultId: string, keyEpoch: number): Promise<string> {
  const label = canonicalJson({ purpose: 'aileron/vault-key-commitment/1', vaultId, keyEpoch });
  const whole = concatBytes(label, utf8('\0'), vaultKey.expose());
  const digest = await sha256(whole);
  whole.fill(0);
  return toBase64Url(digest);
}

/** Wraps the vault key to a member's X25519 key; `granter` signs, so that the member knows who granted. */
export async function wrapVaultKey(input: {
  vaultKey: Secret;
  target: WrapTarget;
  granter: SigningKey;
}): Promise<Uint8Array> {
  const { target } = input;
  const recipientPublicKeyRaw = fromBase64(target.recipientPublicKeyBase64) ?? new Uint8Array();
  const binding = bindingOf(target);
  const sealed = await hpkeSeal({ recipientPublicKeyRaw, ...binding, plaintext: input.vaultKey.expose() });
  const value = {
    format: 'aileron-wrap/1',
    ...target,
    vaultKeyCommitment: await vaultKeyCommitment(input.vaultKey, target.vaultId, target.keyEpoch),
    encBase64: toBase64(sealed.enc),
    ciphertextBase64: toBase64(sealed.ciphertext),
  } as const;
  return await signJson({ payloadType: KEY_WRAP_TYPE, value, key: input.granter });
}

/** The vault key in a member's wrapping. VAULT_TAMPERED when it is for another vault, epoch or member, or unsigned. */
export async function unwrapVaultKey(input: {
  file: Uint8Array;
  target: WrapTarget;
  commitment: string;
  recipient: EncryptionKeyPair;
  granters: readonly VerifyingKey[];
}): Promise<Secret> {
  const { target } = input;
  const { value: wrap } = await verifyJson({
    file: input.file,
    payloadType: KEY_WRAP_TYPE,
    keys: input.granters,
    schema: KeyWrap,
    maxBytes: 8_192,
  });
  const at = { vaultId: target.vaultId, path: `key_wrappings/${target.userId}.wrap` };
  const { vaultId, keyEpoch, userId, recipientPublicKeyBase64 } = wrap;
  const named = canonicalJson({ vaultId, keyEpoch, userId, recipientPublicKeyBase64 });
  if (!equalBytes(named, canonicalJson({ ...target }))) throw tampered('another-wrapping', at);
  const enc = fromBase64(wrap.encBase64);
  const ciphertext = fromBase64(wrap.ciphertextBase64);
  if (enc === null || ciphertext === null) throw tampered('malformed', at);
  const opened = await hpkeOpen({ recipient: input.recipient, enc, ciphertext, ...bindingOf(target) });
  if (opened?.length !== 32) throw tampered('wrapping-does-not-open', at);
  const vaultKey = Secret.fromBytes(opened);
  const commitment = await vaultKeyCommitment(vaultKey, target.vaultId, target.keyEpoch);
  if (commitment === input.commitment && commitment === wrap.vaultKeyCommitment) return vaultKey;
  vaultKey.zero();
  throw tampered('another-vault-key', at);
}

function bindingOf({ vaultId, keyEpoch, userId, recipientPublicKeyBase64 }: WrapTarget) {
  const aad = canonicalJson({ vaultId, keyEpoch, userId, recipientPublicKeyBase64 });
  return { info: utf8('aileron/vault-key-wrap/1'), aad };
}
