import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { localFetch } from './local-fetch.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close().closeAllConnections()));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const init = (signal: AbortSignal = AbortSignal.timeout(30_000)) => ({ method: 'GET', headers: {}, signal });

describe('a fetch of an own service', () => {
  it('sends the body and answers with status and text', async () => {
    const url = await serve((request, response) => request.pipe(response.writeHead(409)));
    const sent = await localFetch(url, { ...init(), method: 'PATCH', body: '{"a":"ä"}' });
    expect({ ok: sent.ok, status: sent.status, text: await sent.text() }).toEqual({
      ok: false,
      status: 409,
      text: '{"a":"ä"}',
    });
  });

  it('reads a stream as it comes, until it is cancelled', async () => {
    let closed = (): void => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const url = await serve((request, response) => {
      request.once('close', () => closed());
      response.write('one');
    });
    const reader = (await localFetch(url, init())).body.getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('one');
    await reader.cancel();
    await gone;
  });

  it('says why it could not be asked', async () => {
    await expect(localFetch('http://127.0.0.1:1', init())).rejects.toMatchObject({ code: 'SERVICE_NOT_RUNNING' });
    const silent = await serve(() => undefined);
    await expect(localFetch(silent, init(AbortSignal.timeout(20)))).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    const controller = new AbortController();
    const waiting = localFetch(silent, init(controller.signal));
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it.each(['http://example.com/', 'https://127.0.0.1/', 'http://a:b@127.0.0.1/'])('is not sent to %s', async (url) => {
    await expect(localFetch(url, init())).rejects.toMatchObject({ code: 'DESTINATION_REFUSED' });
  });
});
