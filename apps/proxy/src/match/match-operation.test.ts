import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { source } from '@aileron/connector-anthropic';
import { compileConnector, GraphqlDocuments, OperationMatcher } from '@aileron/connectors';
import { AgentBody } from '../parse/agent-body.js';
import { ByteSource } from '../parse/byte-source.js';
import { type RequestHead } from '../parse/canonical-request.js';
import { validateRequest } from './match-operation.js';

const matcher = new OperationMatcher([compileConnector(source)]);
const signal = new AbortController().signal;
const head: RequestHead = {
  method: 'POST',
  host: 'api.anthropic.com',
  port: 443,
  target: '/v1/messages',
  path: '/v1/messages',
  query: [],
  headers: [['content-type', 'application/json']],
};

const message = (content: string): string =>
  JSON.stringify({ model: 'claude', max_tokens: 9, messages: [{ role: 'user', content }] });

/** In pieces that end anywhere, as they come from a socket. */
async function validated(text: string) {
  const bytes = Buffer.from(text);
  const socket = new PassThrough();
  const framing = { kind: 'length', length: bytes.length } as const;
  const body = new AgentBody({
    source: new ByteSource(socket),
    framing,
    idleMs: 30_000,
    onFirstRead: () => undefined,
  });
  const validating = Promise.resolve(
    validateRequest({ head, body, signal }, matcher, matcher.match(head), new GraphqlDocuments()),
  );
  validating.catch(() => undefined);
  for (let at = 0; at < bytes.length; at += 30_011) {
    socket.write(bytes.subarray(at, at + 30_011));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { request: await validating, body };
}

describe('a long body', () => {
  it('is matched as a short one is', async () => {
    const text = message('"é😀\n'.repeat(60_000));
    const { request, body } = await validated(text);
    expect(request.match.operation.name).toBe((await validated(message('short'))).request.match.operation.name);
    expect(request.body?.toString()).toBe(text);
    expect(body.sha256).not.toBeNull();
  });

  it.each([
    ['a key twice', message('a'.repeat(200_000)).replace('"role"', '"content":1,"role"')],
    ['a prototype', message('a'.repeat(200_000)).replace('"role"', '"__proto__":1,"role"')],
    ['no JSON', `${message('a'.repeat(200_000))}}`],
    ['a wrong type', message('a'.repeat(200_000)).replace('"max_tokens":9', '"max_tokens":"9"')],
  ])('with %s is refused once all of it came', async (_, text) => {
    await expect(validated(text)).rejects.toMatchObject({ code: 'ARGUMENTS_INVALID' });
  });
});
