import 'reflect-metadata';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Post } from '@nestjs/common';
import { listRoutes, Public } from '@aileron/auth';
import type { INestApplication } from '@nestjs/common';
import { allowedOrigin, ask, Health, httpService, log, platform, raw, Things, token } from './http.fixture.js';
import { runServices, type RunningServices } from './run-services.js';
import { serviceToRun } from './running-service.js';

const run = (definition = httpService(), config: { port?: number; host?: string } = {}) =>
  runServices([serviceToRun(definition, config)], { platform });

describe('a REST API', () => {
  let running: RunningServices;
  let url: string;
  let port: string;
  beforeAll(async () => {
    running = await run();
    url = running.service('things').url ?? '';
    ({ port } = new URL(url));
  });
  afterAll(() => running.close());

  it('answers with the token, within the context of the request', async () => {
    const list = await ask(url, '/v1/things?limit=3', { headers: { 'x-request-id': 'req_mine' } });
    expect(list).toMatchObject({ status: 200, json: { limit: 3, context: { requestId: 'req_mine' } } });
    expect(list.headers).toMatchObject({
      'x-request-id': 'req_mine',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const body = JSON.stringify({ name: 'x'.repeat(900_000) });
    const created = await ask(url, '/v1/things', { method: 'POST', body, headers: { 'x-request-id': 'req_long' } });
    expect(created).toMatchObject({ status: 201, json: { length: 900_000, context: { requestId: 'req_long' } } });
    expect((await ask(url, '/v1/things', { headers: { 'x-request-id': 'a b' } })).headers['x-request-id']).toMatch(
      /^req_[0-9a-f]{32}$/,
    );
  });

  it('answers a public route without it, and no other', async () => {
    expect(await ask(url, '/health', { headers: { authorization: '' } })).toMatchObject({
      status: 200,
      json: { status: 'ok' },
    });
    for (const authorization of ['', `Bearer ${token}x`, `Basic ${token}`]) {
      const refused = await ask(url, '/v1/things', { headers: { authorization } });
      expect(refused).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
    }
  });

  it.each([
    ['a rebound name', { host: 'rebound.example.com' }],
    ['a rebound name with our port', { host: 'rebound.example.com:{port}' }],
    ['another port', { host: '127.0.0.1:1' }],
    ['a page of another origin', { origin: 'https://evil.example.com' }],
    ['a sandboxed page', { origin: 'null' }],
    ['a page of another port', { origin: 'http://127.0.0.1:1' }],
    ['a form of another site', { 'sec-fetch-site': 'cross-site' }],
    ['an image on another port', { 'sec-fetch-site': 'same-site' }],
  ])('refuses %s, on every path, before anything else', async (_, headers) => {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('{port}', port)]),
    );
    for (const [method, path] of [
      ['GET', '/v1/things'],
      ['GET', '/health'],
      ['GET', '/nowhere'],
      ['OPTIONS', '/v1/things'],
      ['DELETE', '/v1/things/thg_a'],
    ] as const) {
      const refused = await ask(url, path, { method, headers: sent });
      expect({ path, status: refused.status, code: refused.json['code'] }).toEqual({
        path,
        status: 403,
        code: 'ORIGIN_REFUSED',
      });
      expect(refused.headers['access-control-allow-origin']).toBeUndefined();
    }
    const posted = await ask(url, '/v1/things', { method: 'POST', headers: sent, body: '{"name":"x"}' });
    expect(posted).toMatchObject({ status: 403, json: { code: 'ORIGIN_REFUSED' } });
  });

  it('answers a page of an allowed origin', async () => {
    const headers = { origin: allowedOrigin, 'sec-fetch-site': 'same-site' };
    expect((await ask(url, '/v1/things', { headers })).status).toBe(200);
    expect((await ask(url, '/v1/things', { headers: { host: `localhost:${port}` } })).status).toBe(200);
  });

  it('refuses two Host headers, whichever is first', async () => {
    for (const hosts of [
      ['evil.example.com', `127.0.0.1:${port}`],
      [`127.0.0.1:${port}`, 'evil.example.com'],
    ]) {
      const head = ['GET /health HTTP/1.1', ...hosts.map((host) => `Host: ${host}`), 'Connection: close', '', ''];
      expect(await raw(url, head.join('\r\n'))).toMatch(/^HTTP\/1\.1 40[03] /);
    }
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/jsonx',
    '',
  ])('takes JSON only: not %j', async (type) => {
    for (const method of ['POST', 'PUT', 'PATCH']) {
      const refused = await ask(url, '/v1/things', { method, body: '{"name":"x"}', headers: { 'content-type': type } });
      expect(refused).toMatchObject({ status: 415, json: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
    }
  });

  it.each([
    ['{"name":', 'syntax'],
    ['', 'nothing'],
    ['{"name":"x","__proto__":{"size":1}}', 'a prototype'],
    ['{"name":"x","constructor":{"prototype":{"a":1}}}', 'a constructor'],
    ['{"name":1}', 'a wrong type'],
    ['{"name":"x","more":1}', 'an unknown field'],
    ['[]', 'a list'],
    ['null', 'null'],
  ])('refuses the body %j (%s) as invalid input', async (body) => {
    const refused = await ask(url, '/v1/things', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(refused).toMatchObject({
      status: 400,
      json: { code: 'INVALID_ARGUMENT', requestId: refused.headers['x-request-id'] },
    });
  });

  it('names the fields of invalid input in a problem body', async () => {
    const refused = await ask(url, '/v1/things', { method: 'POST', body: '{"size":0.5}' });
    expect(refused.headers['content-type']).toBe('application/problem+json');
    expect(refused.json).toMatchObject({
      type: 'https://aileron.dev/errors#invalid_argument',
      title: 'The input is not valid.',
      status: 400,
      code: 'INVALID_ARGUMENT',
      fields: [{ field: 'name' }, { field: 'size' }],
      action: expect.any(String),
    });
    expect((await ask(url, '/v1/things?limit=11')).json).toMatchObject({ fields: [{ field: 'limit' }] });
    expect((await ask(url, '/v1/things/x', { method: 'DELETE' })).status).toBe(400);
    expect((await ask(url, '/v1/things/thg_a', { method: 'DELETE' })).json).toEqual({ removed: 'thg_a' });
  });

  it('refuses a body over the limit, and a head over the limit', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(1 << 20) });
    expect(await ask(url, '/v1/things', { method: 'POST', body })).toMatchObject({
      status: 413,
      json: { code: 'PAYLOAD_TOO_LARGE' },
    });
    const head = `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(url, head)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('answers every refusal of the framework as a problem', async () => {
    for (const [path, status, code] of [
      ['/nowhere', 404, 'NOT_FOUND'],
      ['/v1/things/%zz', 400, 'INVALID_ARGUMENT'],
      [`/v1/things/${'x'.repeat(500)}`, 414, 'INVALID_ARGUMENT'],
    ] as const) {
      const refused = await ask(url, path, { method: path === '/nowhere' ? 'GET' : 'DELETE' });
      expect({ path, code: refused.json['code'], type: refused.headers['content-type'] }).toEqual({
        path,
        code,
        type: 'application/problem+json',
      });
      expect([status, 400, 404]).toContain(refused.status);
    }
    expect(await raw(url, 'nonsense\r\n\r\n')).toContain('"code":"REQUEST_MALFORMED"');
  });

  it('tells a caller what it may know of an error, and the log the rest', async () => {
    log.lines.length = 0;
    const known = await ask(url, '/v1/things/fails/known');
    expect(known).toMatchObject({ status: 403, json: { code: 'POLICY_DENIED', rule: 'r1' } });
    const unknown = await ask(url, '/v1/things/fails/else', { headers: { 'x-request-id': 'req_failing' } });
    expect(unknown).toMatchObject({ status: 500, json: { code: 'INTERNAL', requestId: 'req_failing' } });
    expect(known.text + unknown.text).not.toContain('hidden');
    expect(log.text()).toContain('the hidden cause');
    expect(log.text()).toContain('"requestId":"req_failing"');
  });

  it('says when to come back while a part is away', async () => {
    const away = await ask(url, '/v1/things/fails/away');
    expect(away).toMatchObject({ status: 503, headers: { 'retry-after': '2' }, json: { code: 'UNAVAILABLE' } });
    expect((await ask(url, '/v1/things/fails/known')).headers['retry-after']).toBeUndefined();
  });

  it('lists its routes with what each states', () => {
    const routes = listRoutes(running.service('things').context as INestApplication);
    expect(routes.map(({ method, path, access }) => `${method} ${path} ${access}`).toSorted()).toEqual([
      'DELETE /v1/things/:id local-token',
      'GET /health public',
      'GET /v1/things local-token',
      'GET /v1/things/fails/:how local-token',
      'GET /v1/things/slow local-token',
      'POST /v1/things local-token',
    ]);
  });

  it('names the holder of a port in use', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const taken = (holder.address() as AddressInfo).port;
    const inUse = {
      code: 'PORT_IN_USE',
      details: { port: taken, holder: expect.stringContaining(`(${process.pid})`) },
    };
    await expect(run(httpService(), { port: taken })).rejects.toMatchObject(inUse);
    holder.close();
  });
});

describe('a REST API does not start', () => {
  @Controller('silent')
  class Silent {
    @Get()
    read() {
      return {};
    }
    @Post()
    @Public()
    write() {
      return {};
    }
  }

  it('with a route that does not state who may call it', async () => {
    const failing = run(httpService([Health, Silent]));
    await expect(failing).rejects.toMatchObject({
      code: 'INTERNAL',
      cause: { message: expect.stringContaining('GET /silent') },
    });
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.com'])('on %s', async (host) => {
    await expect(run(httpService(), { host })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('with a configuration that is not valid', async () => {
    const failing = run(httpService(), { port: 'x' as unknown as number });
    await expect(failing).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { service: 'things', fields: [{ field: 'port' }] },
    });
  });
});

describe('a REST API that closes', () => {
  it('lets a request in flight end, takes no other, and frees its port', async () => {
    const running = await run();
    const url = running.service('things').url ?? '';
    const slow = ask(url, '/v1/things/slow');
    await Things.entered.promise;
    const closed = running.close();
    await expect(ask(url, '/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    Things.slow.resolve();
    expect(await slow).toMatchObject({ status: 200, json: { slow: true } });
    await closed;
    const again = await run(httpService(), { port: Number(new URL(url).port) });
    await again.close();
  });
});
