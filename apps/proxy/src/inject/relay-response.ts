import type { ResponseWriter } from '../exchange.js';
import type { HeaderField } from '../parse/canonical-request.js';
import { fieldValue } from '../parse/request-message.js';
import { TurnShare } from '../parse/turn-share.js';
import type { UpstreamResponse } from '../upstream/upstream.types.js';
import { agentHeaders } from './agent-headers.js';
import { contentCodings, decodeBody } from './decode-body.js';
import type { SecretScrubber } from './secret-scrubber.js';

export interface RelayInput {
  readonly upstream: UpstreamResponse;
  readonly response: ResponseWriter;
  /** null when nothing was injected: then the body passes as it is. */
  readonly scrubber: SecretScrubber | null;
  /** The end of the answer is the caller's: its last record is written before the agent sees it whole. */
  readonly leaveOpen?: boolean;
  readonly cookies?: 'strip' | 'pass';
  /** Fields of ours, for example the audit id. */
  readonly extraHeaders?: readonly HeaderField[];
  /** Sees what the agent sees, decoded and masked, before it: usage readers. Throwing cuts the answer. */
  readonly onChunk?: (chunk: Buffer) => void;
}

/**
 * Gives an upstream's answer to the agent: steering headers and cookies stripped, the body decoded where it is coded,
 * the secret masked. Throws before the head is written when the answer cannot be scrubbed; after it, the caller aborts.
 * The caller zeroes the scrubber and the secret in its `finally`.
 * @throws AileronError RESPONSE_NOT_SCRUBBABLE, UPSTREAM_MALFORMED, UPSTREAM_UNREACHABLE
 */
export async function relayResponse(input: RelayInput): Promise<void> {
  const { upstream, scrubber } = input;
  const codings = scrubber === null ? [] : contentCodings(fieldValue(upstream.headers, 'content-encoding'));
  const rules = { decoded: codings.length > 0, cookies: input.cookies ?? 'strip' };
  const headers = [...agentHeaders(upstream.headers, rules), ...(input.extraHeaders ?? [])];
  try {
    if (codings.length > 0) await relayDecoded(input, headers, codings);
    else await relayPlain(input, headers);
    if (input.leaveOpen !== true) await input.response.end();
  } finally {
    upstream.body.stop();
  }
}

/** Piece by piece as they come; between two that are there, a turn of the event loop only after many bytes. */
async function relayPlain(input: RelayInput, headers: readonly HeaderField[]): Promise<void> {
  const { upstream, response, scrubber } = input;
  response.writeHead(upstream.status, upstream.reason, headers);
  const share = new TurnShare();
  for (;;) {
    const next = upstream.body.read();
    const piece = next instanceof Promise ? await next : next;
    if (piece === null) break;
    const written = pass(input, scrubber === null ? piece : scrubber.push(piece));
    if (written !== undefined) await written;
    const turn = share.took(piece.length);
    if (turn !== undefined) await turn;
  }
  if (scrubber !== null) await pass(input, scrubber.flush());
}

/** A coded body shows that it is none with its first chunk: until then a problem body can still be answered. */
async function relayDecoded(
  input: RelayInput,
  headers: readonly HeaderField[],
  codings: readonly string[],
): Promise<void> {
  const { upstream, response, scrubber } = input;
  for await (const chunk of decodeBody(upstream.body, codings)) {
    if (!response.headWritten) response.writeHead(upstream.status, upstream.reason, headers);
    await pass(input, scrubber === null ? chunk : scrubber.push(chunk));
  }
  if (!response.headWritten) response.writeHead(upstream.status, upstream.reason, headers);
  if (scrubber !== null) await pass(input, scrubber.flush());
}

function pass({ response, onChunk }: RelayInput, chunk: Buffer): Promise<void> | undefined {
  if (chunk.length === 0) return undefined;
  onChunk?.(chunk);
  return response.write(chunk);
}
