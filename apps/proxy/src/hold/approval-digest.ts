import { createHash } from 'node:crypto';

/** Everything that makes a request the one that was approved. Digests are raw bytes. */
export interface ApprovalSubject {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly method: string;
  /** Canonical: scheme, host, port, path and query. */
  readonly target: string;
  readonly operation: string;
  readonly connectorDigest: string;
  readonly credential: { readonly vaultId: string; readonly id: string; readonly version: number } | null;
  readonly bodySha256: Uint8Array;
  /** Those the connector declares, in the order of the connector, lower-case names; a missing one is left out. */
  readonly headers: readonly (readonly [string, string])[];
  readonly previewSha256: Uint8Array;
}

/** The form of the digest: another form, another domain. */
const DOMAIN = 'aileron-approval-digest-v1';

/**
 * SHA-256, 32 bytes, over the fields one after the other, each with its length before it (32 bits, big endian), so that
 * no two subjects are one text. No time, nonce or volatile header is in it: a plain retry finds its approval.
 */
export function approvalDigest(subject: ApprovalSubject): Uint8Array {
  const hash = createHash('sha256');
  const add = (field: Uint8Array | string) => {
    const bytes = typeof field === 'string' ? Buffer.from(field, 'utf8') : field;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  const { credential, headers } = subject;
  for (const field of [DOMAIN, subject.tenantId, subject.sessionId, subject.method, subject.target]) add(field);
  for (const field of [subject.operation, subject.connectorDigest]) add(field);
  for (const field of credential === null ? [''] : [credential.vaultId, credential.id, String(credential.version)])
    add(field);
  add(subject.bodySha256);
  add(String(headers.length));
  for (const [name, value] of headers) {
    add(name);
    add(value);
  }
  add(subject.previewSha256);
  return hash.digest();
}
