import { request as httpRequest, type IncomingMessage } from 'node:http';
import { AileronError, ERROR_TABLE, type ErrorCode, type ErrorDetails } from '@aileron/errors';
import { z } from 'zod';

export interface RequestOptions {
  /** http, on loopback: Aileron's own services. */
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON when given. */
  readonly body?: unknown;
  readonly deadlineMs: number;
  readonly maxBytes: number;
}

const ProblemBody = z.looseObject({ code: z.string().max(64) });
/** Of RFC 9457 and of ours: what is not a detail. */
const PROBLEM_FRAME = new Set(['type', 'title', 'status', 'code', 'action', 'instance']);

/** Calls an own service and checks its answer. @throws AileronError: the service's own, or why it could not be asked */
export async function requestJson<T>(options: RequestOptions & { readonly schema: z.ZodType<T> }): Promise<T> {
  const text = await requestText(options);
  try {
    return options.schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AileronError('INTERNAL', { url: options.url, reason: 'the answer is not of the contract' }, { cause });
  }
}

export async function requestText(options: RequestOptions): Promise<string> {
  const signal = AbortSignal.timeout(options.deadlineMs);
  try {
    const response = await send(options, signal);
    const text = await readText(response, options.maxBytes);
    if ((response.statusCode ?? 500) < 300) return text;
    throw fromProblem(text, response.statusCode ?? 500);
  } catch (cause) {
    if (AileronError.is(cause)) throw cause;
    throw new AileronError(signal.aborted ? 'DEADLINE_EXCEEDED' : 'SERVICE_NOT_RUNNING', { url: new URL(options.url).origin }, { cause });
  }
}

function send({ url, method, headers, body }: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method,
      signal,
      agent: false,
      headers: { ...headers, ...(payload && { 'content-type': 'application/json', 'content-length': payload.length }) },
    });
    request.once('response', resolve).once('error', reject).end(payload);
  });
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      response.destroy();
      throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes: maxBytes });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The error that a problem body names, with its details. */
function fromProblem(text: string, status: number): AileronError {
  try {
    const problem = ProblemBody.parse(JSON.parse(text));
    if (problem.code in ERROR_TABLE) {
      const details = Object.fromEntries(Object.entries(problem).filter(([name]) => !PROBLEM_FRAME.has(name)));
      return new AileronError(problem.code as ErrorCode, details as ErrorDetails);
    }
  } catch {
    // Not one of ours.
  }
  return new AileronError('INTERNAL', { status });
}
