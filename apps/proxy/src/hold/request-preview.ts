import { redactArguments } from '@aileron/audit';
import { type MatchResult } from '@aileron/connectors';
import { RequestPreview } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { toBase64Url } from '@aileron/vault';
import { type RequestHead } from '../parse/canonical-request.js';

/** An approver reads this much at most; of more only length and digest are shown. */
const MAX_ARGUMENTS_CHARACTERS = 65_536;
const MAX_TARGET_CHARACTERS = 16_384;

export interface PreviewInput {
  readonly head: RequestHead;
  readonly match: MatchResult;
  readonly body: Uint8Array;
  readonly bodySha256: Uint8Array;
  readonly credentialId: string | null;
}

/** The canonical target: what an approval and its digest are about. */
export function canonicalTarget({ host, port, target }: Pick<RequestHead, 'host' | 'port' | 'target'>): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `https://${name}${port === 443 ? '' : `:${port}`}${target}`;
}

/**
 * What the approver is shown, as the exact bytes that are hashed. The same request gives the same bytes. Values that the
 * connector marks as secret are hidden here too, and then it says that not everything is shown.
 */
export function makePreview({ head, match, body, bodySha256, credentialId }: PreviewInput): Uint8Array {
  const target = canonicalTarget(head);
  if (target.length > MAX_TARGET_CHARACTERS) {
    throw new AileronError('BODY_NOT_INSPECTABLE', { reason: 'the target is too long to be shown to an approver' });
  }
  const { shown, whole } = shownArguments(match);
  const preview: RequestPreview = {
    connector: match.connector.name,
    operation: match.operation.name,
    summary: match.summary.slice(0, 512),
    method: head.method,
    target,
    arguments: shown,
    bodySha256: toBase64Url(bodySha256),
    bodyBytes: body.length,
    bodyShown: whole,
    credential: credentialId,
  };
  return Buffer.from(JSON.stringify(RequestPreview.parse(preview)));
}

function shownArguments(match: MatchResult): { shown: Record<string, unknown>; whole: boolean } {
  const { operation } = match;
  const { redact, parameters: schema } = operation;
  const partly = operation.kind === 'rest' && operation.argumentFields !== null;
  const all = JSON.stringify(match.arguments);
  const hidden = redactArguments(match.arguments, { redact, schema });
  // Only what a rule hides: long texts are for the approver to read.
  const secret = JSON.stringify(hidden).includes('[redacted]');
  if (!secret && all.length <= MAX_ARGUMENTS_CHARACTERS) return { shown: { ...match.arguments }, whole: !partly };
  return { shown: hidden, whole: false };
}
