import { z } from 'zod';
import { fromBase64, toBase64 } from './base64.js';
import { type BoxCipher } from './box-cipher.js';
import { utf8 } from './bytes.js';
import { type OpenedBox, prepareBox, sealBox } from './committed-box.js';
import { Secret } from './secret.js';
import { parseJson } from './signed-json.js';
import { tampered } from './tampered.js';

/** credentials/{id}.enc. The numbers repeat what the manifest says; they are authenticated with each field. */
const EncryptedCredential = z.strictObject({
  format: z.literal('aileron-credential/1'),
  vaultId: z.string().max(64),
  credentialId: z.string().max(64),
  version: z.int(),
  keyEpoch: z.int(),
  fields: z.strictObject({ secret: z.base64().max(16_384) }),
});

/** Which ciphertext this is. A ciphertext moved to any other place does not open there. */
export interface CredentialPlace {
  readonly vaultId: string;
  readonly credentialId: string;
  readonly version: number;
  readonly keyEpoch: number;
}

export async function encryptCredential(input: {
  secret: Secret;
  vaultKey: Secret;
  place: CredentialPlace;
}): Promise<Uint8Array> {
  const { vaultKey: key, place } = input;
  const context = contextOf(place, 'secret');
  const box = await sealBox({ key, purpose: 'credential', context, plaintext: input.secret.expose() });
  const file = { format: 'aileron-credential/1', ...place, fields: { secret: toBase64(box) } };
  return utf8(`${JSON.stringify(file)}\n`);
}

/** A credential whose place was checked and whose key was derived. Every `open()` gives a secret of its own. */
export interface PreparedCredential {
  /** VAULT_TAMPERED when the ciphertext was changed. At once where a cipher was injected. */
  open(): Secret | Promise<Secret>;
}

/** VAULT_TAMPERED when the file is of another place, was changed, or is cut off. */
export async function prepareCredential(input: {
  file: Uint8Array;
  vaultKey: Secret;
  place: CredentialPlace;
  cipher?: BoxCipher | undefined;
}): Promise<PreparedCredential> {
  const { vaultKey: key, place, cipher } = input;
  const at = { vaultId: place.vaultId, path: `credentials/${place.credentialId}.enc` };
  const parsed = EncryptedCredential.safeParse(parseJson(input.file, 32_768));
  if (!parsed.success) throw tampered('malformed', at);
  const { vaultId, credentialId, version, keyEpoch, fields } = parsed.data;
  const moved = vaultId !== place.vaultId || credentialId !== place.credentialId;
  if (moved || version !== place.version || keyEpoch !== place.keyEpoch) throw tampered('another-credential', at);
  const box = fromBase64(fields.secret) ?? new Uint8Array();
  const prepared = await prepareBox({ key, purpose: 'credential', context: contextOf(place, 'secret'), box, cipher });
  if ('failure' in prepared) throw tampered(`ciphertext:${prepared.failure}`, at);
  const secretOf = (opened: OpenedBox): Secret => {
    if ('failure' in opened) throw tampered(`ciphertext:${opened.failure}`, at);
    return Secret.fromBytes(opened.plaintext);
  };
  return {
    open: () => {
      const opened = prepared.open();
      return opened instanceof Promise ? opened.then(secretOf) : secretOf(opened);
    },
  };
}

function contextOf({ vaultId, credentialId, version, keyEpoch }: CredentialPlace, field: 'secret') {
  return { format: 'aileron-credential/1', vaultId, credentialId, field, version, keyEpoch };
}
