import { sha256 } from '../record/sha256.js';

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
const LENGTH_BYTES = 4;
/** Of one UTF-16 unit. */
const MOST_UTF8_BYTES = 3;

/**
 * SHA-256, 32 bytes, over the fields one after the other, each with its length before it (32 bits, big endian), so that
 * no two subjects are one text. No time, nonce or volatile header is in it: a plain retry finds its approval.
 */
export function approvalDigest(subject: ApprovalSubject): Uint8Array {
  const { credential, headers } = subject;
  const fields: (Uint8Array | string)[] = [DOMAIN, subject.tenantId, subject.sessionId, subject.method, subject.target];
  fields.push(subject.operation, subject.connectorDigest);
  if (credential === null) fields.push('');
  else fields.push(credential.vaultId, credential.id, String(credential.version));
  fields.push(subject.bodySha256, String(headers.length));
  for (const [name, value] of headers) fields.push(name, value);
  fields.push(subject.previewSha256);
  return sha256(framed(fields));
}

/** In one array, so that it is hashed in one step. */
function framed(fields: readonly (Uint8Array | string)[]): Uint8Array {
  let size = 0;
  for (const field of fields)
    size += LENGTH_BYTES + (typeof field === 'string' ? field.length * MOST_UTF8_BYTES : field.length);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const field of fields) {
    const start = at + LENGTH_BYTES;
    if (typeof field !== 'string') bytes.set(field, start);
    const length = typeof field === 'string' ? bytes.write(field, start, 'utf8') : field.length;
    bytes.writeUInt32BE(length, at);
    at = start + length;
  }
  return bytes.subarray(0, at);
}
