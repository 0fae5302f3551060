import {
  type CanonicalRequest,
  type GraphqlDocuments,
  type HeadMatch,
  type MatchResult,
  type OperationMatcher,
  StrictJsonReader,
} from '@aileron/connectors';
import { type Call } from '../call.js';
import { type RequestHead } from '../parse/canonical-request.js';

/** The request as it was matched. `body` is null when it is passed on as it comes. */
export interface ValidRequest {
  readonly match: MatchResult;
  readonly body: Buffer | null;
}

/** What the head alone tells. OPERATION_UNKNOWN, OPERATION_AMBIGUOUS, BODY_NOT_INSPECTABLE. */
export function matchEndpoint({ head }: Call, matcher: OperationMatcher): HeadMatch {
  return matcher.match(head);
}

/** Reads the body, unless it passes unseen, and finds the one operation. ARGUMENTS_INVALID, BODY_NOT_INSPECTABLE. */
export function validateRequest(
  call: Pick<Call, 'head' | 'body' | 'signal'>,
  matcher: OperationMatcher,
  endpoint: HeadMatch,
  documents: GraphqlDocuments,
): ValidRequest | Promise<ValidRequest> {
  const { head, signal } = call;
  if (endpoint.body === 'streamed') return { match: matcher.resolve(canonical(head, null), endpoint), body: null };
  // One that takes no body is read too: what it carries is refused by the operation's schema.
  let reader: StrictJsonReader | null = null;
  const valid = (body: Buffer): ValidRequest => ({
    match: matcher.resolve({ ...canonical(head, body), json: reader?.end() }, endpoint, documents),
    body,
  });
  const read = (piece: Buffer): void => (reader ??= new StrictJsonReader()).push(piece);
  const body = call.body.readAll(endpoint.maxBodyBytes, signal, endpoint.body === 'inspected' ? read : undefined);
  return body instanceof Promise ? body.then(valid) : valid(body);
}

function canonical(head: RequestHead, body: Uint8Array | null): CanonicalRequest {
  const { method, host, port, path, query, headers } = head;
  return { method, host, port, path, query, headers, body };
}
