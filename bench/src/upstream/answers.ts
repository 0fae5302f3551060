import { LARGE_BYTES, SMALL_BYTES } from '../bench-hosts.js';

const json = (body: string | Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nRequest-Id: req_bench\r\nContent-Length: ${body.length}\r\n\r\n`,
    ),
    Buffer.from(body),
  ]);

/** `make` with a filler that brings the text to exactly `bytes`. */
function sized(bytes: number, make: (filler: string) => string): string {
  return make('x'.repeat(bytes - make('').length));
}

const viewer = (name: string): string =>
  JSON.stringify({ data: { viewer: { id: 'usr_bench', name, email: 'bench@example.com' } } });
const models = (display_name: string): string =>
  JSON.stringify({ data: [{ type: 'model', id: 'claude-bench', display_name }], has_more: false });

export const GRAPHQL_ANSWER = json(sized(SMALL_BYTES, viewer));
export const REST_ANSWER = json(sized(SMALL_BYTES, models));
export const LARGE_ANSWER = json(sized(LARGE_BYTES, models));
const usage = { input_tokens: 25, output_tokens: 1 };
const MESSAGE = { id: 'msg_bench', type: 'message', role: 'assistant', model: 'claude-bench', stop_sequence: null };
export const MESSAGE_ANSWER = json(
  JSON.stringify({ ...MESSAGE, content: [{ type: 'text', text: 'read' }], stop_reason: 'end_turn', usage }),
);
export const WRONG_CREDENTIAL = Buffer.from('HTTP/1.1 401 Unauthorized\r\nContent-Length: 16\r\n\r\nwrong credential');
export const NOT_FOUND = Buffer.from('HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found');

export const STREAM_HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n',
);

/** One server-sent event, as a chunk. */
function event(data: { readonly type: string; readonly [name: string]: unknown }): string {
  const text = `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

export const streamStart = (): string =>
  event({ type: 'message_start', message: { ...MESSAGE, content: [], stop_reason: null, usage } }) +
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
/** The text is the time at which it is written, in ns of the machine's monotonic clock. */
export const streamDelta = (): string =>
  event({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: String(process.hrtime.bigint()) },
  });
export const streamEnd = (outputTokens: number): string =>
  event({ type: 'content_block_stop', index: 0 }) +
  event({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: outputTokens },
  }) +
  event({ type: 'message_stop' }) +
  '0\r\n\r\n';
