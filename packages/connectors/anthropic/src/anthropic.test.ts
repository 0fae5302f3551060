import { describe, expect, it } from '@jest/globals';
import { compileConnector, OperationMatcher, priceUsd, usageReader, type CanonicalRequest } from '@aileron/connectors';
import { source } from './index.js';

const connector = compileConnector(source);
const matcher = new OperationMatcher([connector]);

const call = (method: string, path: string, query: [string, string][], body: unknown = null): CanonicalRequest => ({
  method,
  host: 'api.anthropic.com',
  port: 443,
  path,
  query,
  headers: body === null ? [] : [['content-type', 'application/json']],
  body: body === null ? null : new TextEncoder().encode(JSON.stringify(body)),
});
const MESSAGE = {
  model: 'claude-opus-5-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'hello' }],
  stream: true,
  thinking: { type: 'adaptive' },
};

const STREAM = [
  'event: message_start\ndata: {"type":"message_start","message":{"model":"claude-opus-5-5","usage":{"input_tokens":1000,"output_tokens":1,"cache_read_input_tokens":200,"cache_creation_input_tokens":30}}}\n\n',
  'event: ping\ndata: {"type": "ping"}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":40}}\n\n',
  'event: message_delta\r\ndata: {"type":"message_delta","usage":{"output_tokens":90}}\r\n\r\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
].join('');

describe('the anthropic connector', () => {
  it('knows the calls of Claude Code', () => {
    expect(matcher.resolve(call('POST', '/v1/messages', [['beta', 'true']], MESSAGE)).operation).toMatchObject({
      name: 'anthropic.create_message',
      usage: 'anthropic-messages',
    });
    expect(matcher.resolve(call('GET', '/api/claude_code/policy_limits', [])).operation.name).toBe(
      'anthropic.claude_code_policy_limits',
    );
    expect(matcher.resolve(call('GET', '/v1/models/claude-opus-5-5', [])).arguments).toEqual({
      model: 'claude-opus-5-5',
    });
  });

  it('keeps conversations out of the arguments', () => {
    expect(matcher.resolve(call('POST', '/v1/messages', [], MESSAGE)).arguments).toEqual({
      model: 'claude-opus-5-5',
      max_tokens: 100,
      stream: true,
    });
  });

  it.each<[string, CanonicalRequest, string]>([
    ['a path it does not name', call('POST', '/v1/organizations/x/api_keys', [], {}), 'OPERATION_UNKNOWN'],
    ['another version', call('POST', '/V1/messages', [], MESSAGE), 'OPERATION_UNKNOWN'],
    ['an unknown query key', call('GET', '/v1/models', [['debug', '1']]), 'ARGUMENTS_INVALID'],
    [
      'a query key twice',
      call('GET', '/v1/models', [
        ['limit', '1'],
        ['limit', '2'],
      ]),
      'ARGUMENTS_INVALID',
    ],
    ['a body where none is taken', { ...call('GET', '/v1/models', []), body: Uint8Array.of(1) }, 'ARGUMENTS_INVALID'],
    ['a path parameter of another shape', call('GET', '/v1/models/a%2Fb', []), 'OPERATION_UNKNOWN'],
  ])('refuses %s', (_, request, code) => {
    expect(() => matcher.resolve(request)).toThrow(expect.objectContaining({ code }));
  });

  it('reads usage of a stream whatever the chunks: totals are not added', () => {
    const bytes = new TextEncoder().encode(STREAM);
    for (let size = 1; size < 120; size++) {
      const reader = usageReader('anthropic-messages', 'text/event-stream; charset=utf-8');
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      expect(reader.result()).toEqual({
        model: 'claude-opus-5-5',
        inputTokens: 1000,
        outputTokens: 90,
        cacheReadTokens: 200,
        cacheWriteTokens: 30,
        complete: true,
      });
    }
  });

  it('says so when a stream was cut, and keeps the floor', () => {
    const reader = usageReader('anthropic-messages', 'text/event-stream');
    reader.push(new TextEncoder().encode(STREAM.slice(0, STREAM.indexOf('message_stop'))));
    expect(reader.result()).toMatchObject({ outputTokens: 90, complete: false });
  });

  it('reads usage of a whole answer, and counts nothing in what it does not understand', () => {
    const reader = usageReader('anthropic-messages', 'application/json');
    reader.push(new TextEncoder().encode('{"model":"claude-haiku-4-5","usage":{"input_tokens":5,"output_tokens":7}}'));
    expect(reader.result()).toMatchObject({ inputTokens: 5, outputTokens: 7, complete: true });
    const broken = usageReader('anthropic-messages', null);
    broken.push(new TextEncoder().encode('<html>'));
    expect(broken.result()).toMatchObject({ model: null, inputTokens: 0, complete: false });
  });

  it('prices to the micro-dollar, and an unknown model not at all', () => {
    const usage = { inputTokens: 1000, outputTokens: 90, cacheReadTokens: 200, cacheWriteTokens: 30, complete: true };
    // 1000×4 + 90×20 + 200×0.2 + 30×5 micro-dollars
    expect(priceUsd({ ...usage, model: 'claude-opus-5-5' })).toBe(0.00599);
    expect(priceUsd({ ...usage, model: 'claude-opus-55' })).toBeNull();
    expect(priceUsd({ ...usage, model: null })).toBeNull();
  });
});
