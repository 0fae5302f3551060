import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { requestJson, requestText, type RequestOptions } from './request.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close().closeAllConnections()));

async function serve(listener: RequestListener, socketPath?: string): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) =>
    socketPath ? server.listen(socketPath, resolve) : server.listen(0, '127.0.0.1', resolve),
  );
  return socketPath ? 'http://localhost' : `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ask = (url: string, rest: Partial<RequestOptions> = {}) =>
  requestJson({
    url,
    method: 'GET',
    deadlineMs: 5_000,
    maxBytes: 1_000,
    schema: z.object({ ok: z.boolean() }),
    ...rest,
  });

describe('a request to an own service', () => {
  it('sends JSON and checks what comes back', async () => {
    const url = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          const body = JSON.parse(Buffer.concat(chunks).toString()) as { n: number };
          response.end(JSON.stringify({ ok: body.n === 1 && request.headers['content-type'] === 'application/json' }));
        });
    });
    expect(await ask(url, { method: 'POST', body: { n: 1 } })).toEqual({ ok: true });
  });

  it('goes over a Unix socket', async () => {
    const socketPath = join(tmpdir(), `${randomUUID()}.sock`);
    const url = await serve((_, response) => response.end('{"ok":true}'), socketPath);
    expect(await ask(url, { socketPath })).toEqual({ ok: true });
  });

  it('throws the error that a problem body names, with its details', async () => {
    const problem = {
      type: 'https://example.com/x',
      title: 'no',
      status: 403,
      code: 'POLICY_DENIED',
      rule: 'r1',
      fields: [{ field: 'a', message: 'b' }],
      odd: { deep: 1 },
    };
    const url = await serve((_, response) => response.writeHead(403).end(JSON.stringify(problem)));
    const details = { rule: 'r1', fields: [{ field: 'a', message: 'b' }] };
    await expect(ask(url)).rejects.toMatchObject({ code: 'POLICY_DENIED', details });
    await expect(ask(url)).rejects.not.toHaveProperty('details.odd');
  });

  it.each(['<html>', '{"code":"constructor"}', '{"code":"__proto__"}', '{"code":1}', '[]', ''])(
    'takes %j for no error of ours',
    async (body) => {
      const url = await serve((_, response) => response.writeHead(500).end(body));
      await expect(ask(url)).rejects.toMatchObject({ code: 'INTERNAL', details: { status: 500 } });
    },
  );

  it.each(['{"ok":1}', 'not json'])('refuses the answer %j', async (body) => {
    const url = await serve((_, response) => response.end(body));
    await expect(ask(url)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('follows no redirect', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    await expect(ask(url)).rejects.toMatchObject({ code: 'INTERNAL', details: { status: 302 } });
  });

  it('stops at its deadline, when cancelled, and at the largest answer', async () => {
    const silent = await serve(() => undefined);
    await expect(ask(silent, { deadlineMs: 30 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const controller = new AbortController();
    const waiting = ask(silent, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    const trickle = await serve((_, response) => void response.write('{"ok":'));
    await expect(ask(trickle, { deadlineMs: 60 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const large = await serve((_, response) => response.end('x'.repeat(5_000)));
    const reading = requestText({ url: large, method: 'GET', deadlineMs: 5_000, maxBytes: 4_999 });
    await expect(reading).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE', details: { limitBytes: 4_999 } });
  });

  it('says that the service does not run when nobody listens', async () => {
    await expect(ask('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'SERVICE_NOT_RUNNING' });
    const socketPath = join(tmpdir(), `${randomUUID()}.sock`);
    await expect(ask('http://localhost', { socketPath })).rejects.toMatchObject({ code: 'SERVICE_NOT_RUNNING' });
  });

  it.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'http://10.0.0.1/',
    'http://a:b@127.0.0.1/',
    'http://127.0.0.1.nip.io/',
    'file:///etc/passwd',
  ])('is not sent to %s', async (url) => {
    await expect(ask(url)).rejects.toMatchObject({ code: 'DESTINATION_REFUSED' });
  });
});
