import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { answerJson } from './upstream-server.js';

/**
 * The Anthropic Messages API, as much of it as clients use: https://docs.anthropic.com/en/api/messages and
 * https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */

const TextContent = z.looseObject({ type: z.literal('text'), text: z.string() });
const ToolResult = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]).optional(),
  is_error: z.boolean().optional(),
});
const Content = z.union([ToolResult, TextContent, z.looseObject({ type: z.string() })]);

export const MessagesRequest = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(Content)]) })).min(1),
  tools: z.array(z.looseObject({ name: z.string().optional() })).default([]),
  stream: z.boolean().default(false),
});
export type MessagesRequest = z.infer<typeof MessagesRequest>;
export type ToolResult = z.infer<typeof ToolResult>;

/** What a script lets the model say next. */
export type ModelReply =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'tool';
      readonly text?: string;
      readonly name: string;
      readonly input: Readonly<Record<string, unknown>>;
    };

export interface ReportedUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

/** The tool results of the last message, oldest first. */
export function lastToolResults(request: MessagesRequest): ToolResult[] {
  const content = request.messages.findLast(({ role }) => role === 'user')?.content;
  if (!Array.isArray(content)) return [];
  return content.filter((block): block is ToolResult => block.type === 'tool_result');
}

export function toolResultText({ content = '' }: ToolResult): string {
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('\n');
}

/** Answers one request to `POST /v1/messages`, as a stream of events or as one document. */
export function answerMessage(
  response: ServerResponse,
  request: MessagesRequest,
  reply: ModelReply,
  { eventIntervalMs }: { readonly eventIntervalMs: number },
): ReportedUsage {
  const content = blocksOf(reply);
  const usage = {
    inputTokens: tokensOf(JSON.stringify([request['system'] ?? '', request.messages, request.tools])),
    outputTokens: tokensOf(JSON.stringify(content)),
  };
  const message = {
    id: `msg_01${randomBytes(16).toString('base64url').replaceAll(/[-_]/g, '0')}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
  };
  const stopReason = reply.type === 'tool' ? 'tool_use' : 'end_turn';
  if (request.stream) void writeEvents(response, streamOf(message, content, stopReason, usage), eventIntervalMs);
  else {
    const end = {
      stop_reason: stopReason,
      stop_sequence: null,
      usage: usageBody(usage.inputTokens, usage.outputTokens),
    };
    answerJson(response, 200, { ...message, content, ...end }, identified());
  }
  return usage;
}

/** Four characters a token: near enough to the truth for money to look real. */
export const tokensOf = (text: string) => Math.max(1, Math.ceil(text.length / 4));

function usageBody(inputTokens: number, outputTokens: number) {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
    service_tier: 'standard',
  };
}

function blocksOf(reply: ModelReply): Block[] {
  if (reply.type === 'text') return [{ type: 'text', text: reply.text }];
  const id = `toolu_01${randomBytes(12).toString('hex')}`;
  const tool: Block = { type: 'tool_use', id, name: reply.name, input: reply.input };
  return reply.text === undefined ? [tool] : [{ type: 'text', text: reply.text }, tool];
}

interface StreamEvent {
  readonly type: string;
  readonly [name: string]: unknown;
}

async function writeEvents(response: ServerResponse, events: Iterable<StreamEvent>, intervalMs: number): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...identified(),
  });
  for (const event of events) {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (intervalMs > 0) await new Promise((resolve) => setTimeout(resolve, intervalMs));
    if (response.destroyed) return;
  }
  response.end();
}

function* streamOf(
  message: Readonly<Record<string, unknown>>,
  content: readonly Block[],
  stopReason: string,
  { inputTokens, outputTokens }: ReportedUsage,
): Iterable<StreamEvent> {
  const begun = { ...message, content: [], stop_reason: null, stop_sequence: null, usage: usageBody(inputTokens, 1) };
  yield { type: 'message_start', message: begun };
  for (const [index, block] of content.entries()) yield* blockEvents(block, index);
  yield {
    type: 'message_delta',
    delta: { stop_reason: stopReason, stop_sequence: null },
    // Cumulative, as the real one is.
    usage: usageBody(inputTokens, outputTokens),
  };
  yield { type: 'message_stop' };
}

const DELTA_CHARACTERS = 12;

function* blockEvents(block: Block, index: number): Iterable<StreamEvent> {
  const empty = block.type === 'text' ? { type: 'text', text: '' } : { ...block, input: {} };
  yield { type: 'content_block_start', index, content_block: empty };
  if (index === 0) yield { type: 'ping' };
  const text = block.type === 'text' ? block.text : JSON.stringify(block.input);
  for (let from = 0; from < text.length; from += DELTA_CHARACTERS) {
    const part = text.slice(from, from + DELTA_CHARACTERS);
    const delta =
      block.type === 'text' ? { type: 'text_delta', text: part } : { type: 'input_json_delta', partial_json: part };
    yield { type: 'content_block_delta', index, delta };
  }
  yield { type: 'content_block_stop', index };
}

export const requestId = () => `req_01${randomBytes(12).toString('hex')}`;
const identified = (id = requestId()) => ({ 'request-id': id });

type AnthropicErrorType =
  'invalid_request_error' | 'authentication_error' | 'not_found_error' | 'request_too_large' | 'api_error';

/** https://docs.anthropic.com/en/api/errors */
export function answerAnthropicError(
  response: ServerResponse,
  status: number,
  type: AnthropicErrorType,
  message: string,
): void {
  const id = requestId();
  answerJson(response, status, { type: 'error', error: { type, message }, request_id: id }, identified(id));
}
