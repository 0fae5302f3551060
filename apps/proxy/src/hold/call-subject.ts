import { type MatchResult } from '@aileron/connectors';
import { type ResolvedCredential } from '../ports/credentials.port.js';
import { type RequestHead } from '../parse/canonical-request.js';
import { sha256 } from '../record/sha256.js';
import { type LiveSession } from '../sessions/live-session.js';
import { approvalDigest } from './approval-digest.js';
import { canonicalTarget, makePreview } from './request-preview.js';

/** One request, as it is shown and as it is hashed. */
export interface CallSubject {
  readonly preview: Uint8Array;
  readonly previewSha256: Uint8Array;
  readonly digest: Uint8Array;
}

/** A body that is not seen has no digest: such a request is never asked about. */
const UNSEEN = new Uint8Array(0);

export function subjectOf(input: {
  session: LiveSession;
  head: RequestHead;
  match: MatchResult;
  body: Uint8Array | null;
  /** Of the body, where it is known already. */
  bodySha256?: Uint8Array | null;
  credential: ResolvedCredential | null;
  hidden?: Record<string, unknown> | undefined;
}): CallSubject {
  const { session, head, match, body, credential, hidden } = input;
  const bodySha256 = body === null ? UNSEEN : (input.bodySha256 ?? sha256(body));
  const credentialId = credential?.credentialId ?? null;
  const preview = makePreview({ head, match, body: body ?? UNSEEN, bodySha256, credentialId, hidden });
  const previewSha256 = sha256(preview);
  const { tenantId, sessionId } = session;
  const digest = approvalDigest({
    tenantId,
    sessionId,
    method: head.method,
    target: canonicalTarget(head),
    operation: match.operation.name,
    connectorDigest: match.connector.digest,
    credential:
      credential === null
        ? null
        : { vaultId: credential.vaultId, id: credential.credentialId, version: credential.version },
    bodySha256,
    headers: match.operation.digestHeaders.flatMap((name) =>
      head.headers.filter(([present]) => present === name.toLowerCase()),
    ),
    previewSha256,
  });
  return { preview, previewSha256, digest };
}
