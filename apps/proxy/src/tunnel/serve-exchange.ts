import type { Duplex } from 'node:stream';
import { AileronError } from '@aileron/errors';
import type { ResponseWriter } from '../exchange.js';
import type { WireLimits } from '../listener/wire-context.js';
import { AgentBody } from '../parse/agent-body.js';
import { AgentResponse } from '../parse/agent-response.js';
import type { BodyReader } from '../parse/body-reader.js';
import type { ByteSource } from '../parse/byte-source.js';
import type { RequestHead } from '../parse/canonical-request.js';
import type { RequestMessage } from '../parse/request-message.js';
import { retryAfter } from '../retry-after.js';
import { lingerAndClose } from './answer-and-close.js';

const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
/** A body that nobody wanted is read away up to here; beyond it the connection is closed. */
const DRAIN_BYTES = 65_536;
/** Made once: the DOMException of a bare `abort()` costs as much as parsing a request. */
const ENDED = new Error('the exchange ended');
const AGENT_GONE = new Error('the agent went away');

export interface ExchangeInput {
  readonly socket: Duplex;
  readonly source: ByteSource;
  readonly message: RequestMessage;
  readonly head: RequestHead;
  readonly limits: WireLimits;
  readonly handle: (
    head: RequestHead,
    body: BodyReader,
    response: ResponseWriter,
    signal: AbortSignal,
  ) => Promise<void>;
}

/** One request and its answer. Whether another request may follow on this connection. Never rejects. */
export async function serveExchange(input: ExchangeInput): Promise<boolean> {
  const { socket, source, message, limits } = input;
  const gone = new AbortController();
  const onGone = (): void => gone.abort(AGENT_GONE);
  socket.once('close', onGone);
  socket.once('end', onGone);
  const onFirstRead = (): void => void (message.expectsContinue && socket.write(CONTINUE));
  const body = new AgentBody({ source, framing: message.framing, idleMs: limits.bodyIdleMs, onFirstRead });
  const keepAlive = (): boolean => message.keepAlive && !source.ended && canDrain(body, message);
  const response = new AgentResponse({ socket, method: message.method, keepAlive });
  await handled(input, { body, response, signal: gone.signal });
  socket.off('close', onGone);
  socket.off('end', onGone);
  // What the handler left running (an upload, an upstream's answer) ends here.
  gone.abort(ENDED);
  if (!response.complete) socket.destroy();
  if (socket.destroyed) return false;
  if (response.keptAlive && (body.finished || (canDrain(body, message) && (await drained(body))))) return true;
  lingerAndClose(socket, source, limits.lingerMs);
  return false;
}

async function handled(
  input: ExchangeInput,
  { body, response, signal }: { body: AgentBody; response: AgentResponse; signal: AbortSignal },
): Promise<void> {
  try {
    await input.handle(input.head, body, response, signal);
  } catch (error) {
    if (response.headWritten || input.socket.destroyed) response.abort();
    else await refused(response, AileronError.from(error));
  }
}

const refused = (response: AgentResponse, error: AileronError) => response.problem(error, retryAfter(error));

/** A body that somebody began to read may still have a reader; one that waits for 100 may never come. */
function canDrain(body: AgentBody, message: RequestMessage): boolean {
  if (body.finished) return true;
  return !body.taken && !message.expectsContinue && (body.declaredLength ?? 0) <= DRAIN_BYTES;
}

async function drained(body: AgentBody): Promise<boolean> {
  return await body.drain(DRAIN_BYTES).catch(() => false);
}
