import { afterEach, describe, expect, it } from '@jest/globals';
import { canary, findCanary } from './canary.js';
import { startFakeAnthropic, type FakeAnthropic, type FakeAnthropicOptions } from './fake-anthropic.js';
import { issueScript } from './issue-script.js';
import { RawClient } from './raw-client.js';
import type { RawResponse } from './raw-response.js';

const apiKey = canary('anthropic').value;
const bash = { name: 'Bash', input_schema: { type: 'object' } };
const ask = { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'file a bug' }], tools: [bash] };

let fake: FakeAnthropic;
const start = async (options: Partial<FakeAnthropicOptions> = {}) =>
  (fake = await startFakeAnthropic({ apiKey, ...options }));
afterEach(() => fake.close());

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<RawResponse> {
  using client = await (
    await RawClient.connect({ port: fake.port })
  ).startTls({ caPem: fake.caPem, servername: 'api.anthropic.com' });
  const bytes = body === undefined ? '' : JSON.stringify(body);
  const all = {
    host: 'api.anthropic.com',
    'x-api-key': apiKey,
    'anthropic-version': '2023-06-01',
    'content-length': `${bytes.length}`,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  client.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${bytes}`);
  return await client.readResponse();
}

const toolResult = (content: unknown) => ({
  ...ask,
  messages: [...ask.messages, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content }] }],
});
const said = (response: RawResponse) =>
  (response.json() as { content: { text?: string; input?: { command: string } }[] }).content;

describe('the fake Anthropic API', () => {
  it('asks for the shell tool it was offered, then repeats the identifier that the tool printed', async () => {
    await start({ script: issueScript({ title: 'a "quoted" $title' }) });
    const first = await call('POST', '/v1/messages?beta=true', ask);
    expect(first.json()).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'tool_use' });
    expect(said(first)[1]).toMatchObject({ type: 'tool_use', name: 'Bash' });
    expect(said(first)[1]?.input?.command).toBe('linear create-issue --title "a \\"quoted\\" \\$title"');
    const second = await call('POST', '/v1/messages', toolResult([{ type: 'text', text: 'ENG-4711  a title' }]));
    expect(said(second)).toEqual([{ type: 'text', text: 'Created ENG-4711' }]);
    expect(fake.usage).toHaveLength(2);
  });

  it('says what happened when the tool was refused, asks again while it is pending, and gives up', async () => {
    await start();
    const refused = await call('POST', '/v1/messages', toolResult('APPROVAL_DENIED: A person refused this.'));
    expect(said(refused)[0]?.text).toBe('The request was refused: APPROVAL_DENIED: A person refused this.');
    const pending = toolResult('APPROVAL_PENDING: A person has to approve this first.');
    expect((await call('POST', '/v1/messages', pending)).json()).toMatchObject({ stop_reason: 'tool_use' });
    const tried = { ...pending, messages: Array.from({ length: 6 }, () => pending.messages[1]) };
    expect((await call('POST', '/v1/messages', tried)).json()).toMatchObject({ stop_reason: 'end_turn' });
    expect(said(await call('POST', '/v1/messages', toolResult('')))[0]?.text).toContain('it printed nothing');
    const usage = await call('POST', '/v1/messages', toolResult('required option --team-id <team> not given'));
    expect(said(usage)[1]?.input?.command).toMatch(/ --team-id ENG$/);
  });

  it('streams the events of the protocol, input JSON in parts, usage cumulative', async () => {
    await start();
    const response = await call('POST', '/v1/messages', { ...ask, stream: true });
    expect([response.status, response.header('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const frames = response.body.toString().trimEnd().split('\n\n');
    const events = frames.map(
      (frame) => JSON.parse(/^event: (\w+)\ndata: (.*)$/.exec(frame)?.[2] ?? '') as StreamEvent,
    );
    const types = events.map(({ type }) => type);
    expect(types.filter((type, i) => type !== types[i - 1])).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const json = events.map(({ delta }) => delta?.partial_json ?? '').join('');
    expect(JSON.parse(json)).toMatchObject({ command: expect.stringContaining('linear create-issue') as unknown });
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: { output_tokens: fake.usage[0]?.outputTokens },
    });
  });

  it('answers side requests that offer no tool, token counts and models', async () => {
    await start();
    expect(said(await call('POST', '/v1/messages', { ...ask, tools: [] }))[0]?.text).toBe('File an issue');
    expect((await call('POST', '/v1/messages/count_tokens', { ...ask, max_tokens: undefined })).json()).toMatchObject({
      input_tokens: expect.any(Number) as unknown,
    });
    expect((await call('GET', '/v1/models')).json()).toMatchObject({ has_more: false });
    expect((await call('GET', '/api/claude_code/policy_limits')).status).toBe(404);
  });

  it('refuses another key, two keys, a bearer token, and a request that is not one, in the shape of the real one', async () => {
    await start();
    const refusals = [
      { 'x-api-key': 'sk-ant-other' },
      { 'x-api-key': '', authorization: `Bearer ${apiKey}` },
      { 'X-Api-Key': apiKey },
    ];
    for (const headers of refusals) {
      const response = await call('POST', '/v1/messages', ask, headers);
      expect(response.status).toBe(401);
      expect(response.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    }
    const invalid = await call('POST', '/v1/messages', { ...ask, messages: [] });
    expect([invalid.status, invalid.json()]).toMatchObject([400, { error: { type: 'invalid_request_error' } }]);
    expect((await call('POST', '/v1/messages', 'not an object')).status).toBe(400);
    expect(fake.usage).toEqual([]);
  });

  it('keeps what it saw and counts connections, and ends open ones when it closes', async () => {
    await start();
    await call('POST', '/v1/messages', ask, { 'X-Seen': 'as Sent' });
    expect(fake.requests[0]?.header('x-seen')).toEqual(['as Sent']);
    expect(fake.requests[0]?.headers).toContainEqual(['X-Seen', 'as Sent']);
    using idle = await RawClient.connect({ port: fake.port });
    expect(fake.connections()).toBe(2);
    await fake.close();
    await idle.ended();
  });
});

describe('canary', () => {
  it('is new each time, shaped as the provider’s, and found in any encoding', () => {
    expect(canary('linear').value).toMatch(/^lin_api_[A-Za-z0-9]{40}$/);
    expect(canary('anthropic').value).toMatch(/^sk-ant-api03-[\w-]{90,}AA$/);
    const sought = canary('linear');
    expect(canary('linear').value).not.toBe(sought.value);
    const basic = Buffer.from(`user:${sought.value}:x`).toString('base64');
    const places = [
      sought.value,
      basic,
      Buffer.from(sought.value).toString('hex'),
      Buffer.from(sought.value, 'utf16le'),
    ];
    for (const place of places) expect(findCanary(place, sought)).not.toEqual([]);
    expect(findCanary(canary('linear').value, sought)).toEqual([]);
  });
});

interface StreamEvent {
  readonly type: string;
  readonly delta?: { readonly partial_json?: string };
}
