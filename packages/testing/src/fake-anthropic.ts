import type { ServerResponse } from 'node:http';
import {
  answerAnthropicError,
  answerMessage,
  MessagesRequest,
  requestId,
  tokensOf,
  type ReportedUsage,
} from './anthropic-protocol.js';
import { issueScript, type ModelScript } from './issue-script.js';
import {
  answerJson,
  startUpstreamServer,
  type OnRequest,
  type SeenRequest,
  type UpstreamServer,
} from './upstream-server.js';

const MODELS = ['claude-opus-4-5-20251101', 'claude-sonnet-4-5-20250929', 'claude-haiku-4-5-20251001'];

export interface FakeAnthropic extends UpstreamServer {
  /** One for each answered message, in order: what a bill would say. */
  readonly usage: readonly ReportedUsage[];
}

export interface FakeAnthropicOptions {
  /** The only key it knows. */
  readonly apiKey: string;
  readonly script?: ModelScript;
  /** Between two events of a stream, ms; without it, all come at once. */
  readonly eventIntervalMs?: number;
  readonly onRequest?: OnRequest;
}

/** The Anthropic API for a scripted model. Takes `x-api-key` as the real one does, and nothing else. */
export async function startFakeAnthropic(options: FakeAnthropicOptions): Promise<FakeAnthropic> {
  const usage: ReportedUsage[] = [];
  const script = options.script ?? issueScript();
  const handle = (request: SeenRequest, response: ServerResponse): void => {
    if (!isAuthenticated(request, options.apiKey, response)) return;
    const [path = ''] = request.path.split('?');
    if (request.method === 'POST' && path === '/v1/messages')
      return postMessages(request, response, { ...options, script, usage });
    if (request.method === 'POST' && path === '/v1/messages/count_tokens') return countTokens(request, response);
    if (request.method === 'GET' && path.startsWith('/v1/models')) return getModels(path, response);
    return answerAnthropicError(response, 404, 'not_found_error', 'Not found');
  };
  const server = await startUpstreamServer('api.anthropic.com', handle, options.onRequest);
  return { ...server, usage };
}

function isAuthenticated(request: SeenRequest, apiKey: string, response: ServerResponse): boolean {
  const keys = request.header('x-api-key');
  if (keys.length === 1 && keys[0] === apiKey) return true;
  const message = keys.length === 0 ? 'x-api-key header is required' : 'invalid x-api-key';
  answerAnthropicError(response, 401, 'authentication_error', message);
  return false;
}

function postMessages(
  request: SeenRequest,
  response: ServerResponse,
  { script, usage, eventIntervalMs = 0 }: { script: ModelScript; usage: ReportedUsage[]; eventIntervalMs?: number },
): void {
  const body = readBody(request, response);
  if (body === null) return;
  usage.push(answerMessage(response, body, script(body), { eventIntervalMs }));
}

function countTokens(request: SeenRequest, response: ServerResponse): void {
  const body = readBody(request, response, { max_tokens: 1 });
  if (body !== null)
    answerJson(response, 200, { input_tokens: tokensOf(JSON.stringify(body)) }, { 'request-id': requestId() });
}

function readBody(request: SeenRequest, response: ServerResponse, defaults: object = {}): MessagesRequest | null {
  if (request.header('anthropic-version').length === 0) {
    answerAnthropicError(response, 400, 'invalid_request_error', 'anthropic-version: header is required');
    return null;
  }
  const parsed = MessagesRequest.safeParse({ ...defaults, ...parseJson(request.body) });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const message = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`;
  answerAnthropicError(response, 400, 'invalid_request_error', message);
  return null;
}

function parseJson(body: Buffer): object {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function getModels(path: string, response: ServerResponse): void {
  const models = MODELS.map((id) => ({ type: 'model', id, display_name: id, created_at: '2025-11-01T00:00:00Z' }));
  if (path === '/v1/models') {
    const page = { data: models, has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null };
    return answerJson(response, 200, page, { 'request-id': requestId() });
  }
  const model = models.find(({ id }) => path === `/v1/models/${id}`);
  if (model) return answerJson(response, 200, model, { 'request-id': requestId() });
  return answerAnthropicError(response, 404, 'not_found_error', `model: ${path.slice('/v1/models/'.length)}`);
}
