import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { rawRequest } from './raw-request.fixture.js';
import { startOpsServer, type OpsServer } from './ops-server.js';

let server: OpsServer | undefined;
let ready: Record<string, boolean> = { part: true };
afterEach(async () => {
  await server?.close();
  server = undefined;
  ready = { part: true };
});

const source = {
  service: 'part',
  version: '0.1.0',
  readiness: async () => ready,
  metrics: async () => 'aileron_test_total 1\n',
};
const start = async (): Promise<string> => {
  server = await startOpsServer(source, { host: '127.0.0.1', port: 0 });
  return server.url;
};
const get = async (path: string, input: { host?: string; method?: string } = {}) => {
  const { port } = new URL(await start());
  const host = input.host ?? `127.0.0.1:${port}`;
  return rawRequest(
    Number(port),
    `${input.method ?? 'GET'} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
};

describe('the ops server', () => {
  it('says that it lives, who it is and what version', async () => {
    const { status, body } = await get('/health/live');
    expect([status, JSON.parse(body)]).toEqual([200, { status: 'ok', service: 'part', version: '0.1.0' }]);
  });

  it('is ready when every service is, and names the one that is not', async () => {
    ready = { one: true, other: false };
    const { status, body } = await get('/health/ready');
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ status: 'not-ready', services: { one: true, other: false } });
    await server?.close();
    ready = { one: true, other: true };
    expect((await get('/health/ready')).status).toBe(200);
  });

  it('shows metrics to be read, and changes nothing', async () => {
    const { status, body, head } = await get('/metrics');
    expect([status, body]).toEqual([200, 'aileron_test_total 1\n']);
    expect(head).toContain('text/plain; version=0.0.4');
    await server?.close();
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
    await server?.close();
    expect((await get('/')).status).toBe(404);
  });

  it.each(['evil.example', '127.0.0.1.evil.example', '[::2]', ''])('refuses a page of %j on loopback', async (host) => {
    const { status, body } = await get('/metrics', { host });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toContain('aileron_test_total');
  });

  it('names who holds its port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    await expect(startOpsServer(source, { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      details: { port, holder: expect.stringContaining(String(process.pid)) as unknown },
    });
    await new Promise((resolve) => other.close(resolve));
  });
});
