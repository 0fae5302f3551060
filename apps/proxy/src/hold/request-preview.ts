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
  /** The arguments without what rules hide, where the caller has them already: `hiddenArguments`. */
  readonly hidden?: Record<string, unknown> | undefined;
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
export function makePreview({ head, match, body, bodySha256, credentialId, hidden }: PreviewInput): Uint8Array {
  const target = canonicalTarget(head);
  if (target.length > MAX_TARGET_CHARACTERS) {
    throw new AileronError('BODY_NOT_INSPECTABLE', { reason: 'the target is too long to be shown to an approver' });
  }
  const { shown, whole } = shownArguments(match, hidden ?? hiddenArguments(match));
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
  // Every call has one; what is longer than the contract has it is for the contract to refuse.
  return Buffer.from(JSON.stringify(isWithinBounds(preview) ? preview : RequestPreview.parse(preview)));
}

const isWithinBounds = ({ connector, operation, method, credential }: RequestPreview): boolean =>
  connector.length <= 64 && operation.length <= 128 && method.length <= 16 && (credential?.length ?? 0) <= 128;

/** The arguments as records hold them: without what the connector marks as secret, and cut. */
export function hiddenArguments({ operation, arguments: values }: MatchResult): Record<string, unknown> {
  return redactArguments(values, { redact: operation.redact, schema: operation.parameters });
}

function shownArguments(
  match: MatchResult,
  hidden: Record<string, unknown>,
): { shown: Record<string, unknown>; whole: boolean } {
  const { operation } = match;
  const partly = operation.kind === 'rest' && operation.argumentFields !== null;
  // Only what a rule hides: long texts are for the approver to read.
  const secret = JSON.stringify(hidden).includes('[redacted]');
  if (!secret && isShort(match.arguments)) return { shown: { ...match.arguments }, whole: !partly };
  return { shown: hidden, whole: false };
}

/** Megabytes of arguments are not written out to be counted. */
const isShort = (values: Readonly<Record<string, unknown>>): boolean =>
  leastCharacters(values, MAX_ARGUMENTS_CHARACTERS) <= MAX_ARGUMENTS_CHARACTERS &&
  JSON.stringify(values).length <= MAX_ARGUMENTS_CHARACTERS;

/** So many characters its JSON has at least; counted no further than a limit. */
function leastCharacters(value: unknown, limit: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return value === undefined ? 0 : 1;
  let sum = 0;
  for (const each of Object.values(value)) {
    sum += leastCharacters(each, limit - sum);
    if (sum > limit) break;
  }
  return sum;
}
