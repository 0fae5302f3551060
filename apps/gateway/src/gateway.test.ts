import { createServer, type IncomingHttpHeaders, request as httpRequest, type Server } from 'node:http';
import { mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@aileron/telemetry';
import { generateSigningKey } from '@aileron/vault';
import { GatewayConfig } from './config.js';
import { GatewayServer } from './gateway.server.js';

/** What stands behind the gateway, and says what arrived. */
class Behind {
  readonly seen: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Behind> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        behind.seen.push({ url: request.url ?? '', headers: request.headers, body });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"here":true}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const behind = new Behind(server, `http://127.0.0.1:${(server.address() as { port: number }).port}`);
    return behind;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

const TOKEN = 'local-token-of-the-management-plane-000000';
let now = Date.parse('2026-11-21T10:00:00Z');
let behind: Behind;
let gateway: GatewayServer;
let webDirectory: string;
let sessionsFile: string;

const startGateway = (): Promise<GatewayServer> => {
  const config = GatewayConfig.parse({
    port: 0,
    webDirectory,
    mgmtPlane: { url: behind.url, token: TOKEN },
    workspaceManager: { url: behind.url },
    person: { tenantId: 'ten_local', userId: 'usr_local', name: 'Ada' },
    endorseBrowser: async ({ keyId }: { keyId: string }) => ({ endorsed: keyId }),
    sessionsFile,
  });
  return GatewayServer.start(config, {
    clock: { now: () => now },
    logger: createLogger({ service: 'gateway', level: 'silent' }),
  });
};

beforeAll(async () => {
  behind = await Behind.start();
  webDirectory = await mkdtemp(join(tmpdir(), 'web-'));
  sessionsFile = join(webDirectory, 'browser-sessions.json');
  await mkdir(join(webDirectory, 'assets'));
  await writeFile(join(webDirectory, 'index.html'), '<!doctype html><title>Aileron</title>');
  await writeFile(join(webDirectory, 'assets/app.js'), 'export {};');
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway.close();
  behind.close();
});
beforeEach(() => void behind.seen.splice(0));

interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
const call = (path: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(gateway.url);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const json = text === undefined ? {} : { 'content-type': 'application/json' };
    const request = httpRequest({ hostname, port, path, method, headers: { ...json, ...headers } }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (chunk) => (answer += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer }));
    });
    request.once('error', reject).end(text);
  });
const own = () => ({ origin: gateway.url });
const codeOf = (link: string) => new URL(link).hash.slice(1);
const enter = async (): Promise<string> => {
  const answer = await call('/api/enter', {
    method: 'POST',
    headers: own(),
    body: { code: codeOf(gateway.createLink()) },
  });
  expect(answer.status).toBe(204);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
};

describe('a one-time link', () => {
  it('lets one browser in, once', async () => {
    const code = codeOf(gateway.createLink());
    const first = await call('/api/enter', { method: 'POST', headers: own(), body: { code } });
    expect(first.headers['set-cookie']?.[0]).toMatch(
      /^aileron_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await call('/api/enter', { method: 'POST', headers: own(), body: { code } })).status).toBe(401);
  });

  it('is good for ten minutes, its session for twelve hours and until somebody leaves', async () => {
    const code = codeOf(gateway.createLink());
    now += 10 * 60_000;
    expect((await call('/api/enter', { method: 'POST', headers: own(), body: { code } })).status).toBe(401);
    const cookie = await enter();
    const me = () => call('/api/me', { headers: { cookie } });
    expect(JSON.parse((await me()).body)).toMatchObject({ name: 'Ada', decides: true, workspaces: true });
    now += 12 * 3_600_000 - 1;
    expect((await me()).status).toBe(200);
    now += 1;
    expect((await me()).status).toBe(401);
    const other = await enter();
    await call('/api/leave', { method: 'POST', headers: { ...own(), cookie: other } });
    expect((await call('/api/me', { headers: { cookie: other } })).status).toBe(401);
  });

  it('is made for whoever holds the local token, and for no page', async () => {
    const ask = (headers: Record<string, string>) => call('/api/links', { method: 'POST', headers });
    const authorization = `Bearer ${TOKEN}`;
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: 'Bearer other' })).status).toBe(401);
    expect((await ask({ cookie: await enter() })).status).toBe(401);
    expect((await ask({ ...own(), authorization })).status).toBe(403);
    const { link } = JSON.parse((await ask({ authorization })).body) as { link: string };
    expect(link.startsWith(`${gateway.url}/enter#`)).toBe(true);
    expect((await call('/api/enter', { method: 'POST', headers: own(), body: { code: codeOf(link) } })).status).toBe(
      204,
    );
  });

  it('names what is wrong with a code', async () => {
    const answer = await call('/api/enter', { method: 'POST', headers: own(), body: { code: 'x' } });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { fields: [{ field: 'code' }] }]);
  });
});

describe('the session of a browser', () => {
  const me = (cookie: string) => call('/api/me', { headers: { cookie } });
  const restart = async (): Promise<void> => {
    await gateway.close();
    gateway = await startGateway();
  };

  it('is good after a restart, for the rest of its twelve hours; a link is not', async () => {
    const cookie = await enter();
    const code = codeOf(gateway.createLink());
    now += 3_600_000;
    await restart();
    expect((await me(cookie)).status).toBe(200);
    expect((await call('/api/enter', { method: 'POST', headers: own(), body: { code } })).status).toBe(401);
    now += 11 * 3_600_000;
    expect((await me(cookie)).status).toBe(401);
  });

  it('that somebody left stays over', async () => {
    const cookie = await enter();
    await call('/api/leave', { method: 'POST', headers: { ...own(), cookie } });
    await restart();
    expect((await me(cookie)).status).toBe(401);
  });

  it('is kept as a digest, for its owner alone', async () => {
    const cookie = await enter();
    const kept = await readFile(sessionsFile, 'utf8');
    expect(kept).not.toContain(cookie.split('=')[1]);
    expect((await stat(sessionsFile)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(kept)).toMatchObject({ version: 1 });
  });

  it.each([
    ['no JSON', () => '{'],
    ['another version', (kept: string) => kept.replace('"version":1', '"version":2')],
    [
      'a session that never ends',
      (kept: string) => kept.replace(/"expiresAt":"[^"]+"/g, '"expiresAt":"2999-01-01T00:00:00.000Z"'),
    ],
  ])('is nobody’s when its file holds %s', async (_, spoil) => {
    const cookie = await enter();
    await writeFile(sessionsFile, spoil(await readFile(sessionsFile, 'utf8')));
    await restart();
    expect((await me(cookie)).status).toBe(401);
  });
});

describe('every route behind the link', () => {
  const routes = [
    ['GET', '/api/me'],
    ['POST', '/api/leave'],
    ['POST', '/api/device'],
    ['GET', '/api/mgmt/v1/approvals'],
    ['POST', '/api/mgmt/v1/sessions'],
    ['GET', '/api/v1/workspaces'],
    ['DELETE', '/api/v1/workspaces/wsp_1'],
  ] as const;

  it.each(routes)('%s %s wants its session', async (method, path) => {
    const answer = await call(path, { method, headers: own() });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
    const twice = `aileron_session=${'a'.repeat(43)}; aileron_session=${'b'.repeat(43)}`;
    expect((await call(path, { method, headers: { ...own(), cookie: twice } })).status).toBe(401);
    expect(behind.seen).toEqual([]);
  });

  it.each(routes)('%s %s refuses another origin and another name, with a session', async (method, path) => {
    const cookie = await enter();
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'http://127.0.0.1:1' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { ...own(), host: 'evil.example' },
      { ...own(), host: `evil.example:${new URL(gateway.url).port}` },
    ]) {
      expect((await call(path, { method, headers: { ...headers, cookie } })).status).toBe(403);
    }
    expect(behind.seen).toEqual([]);
  });

  it('changes nothing for a caller that names no page', async () => {
    const cookie = await enter();
    expect((await call('/api/v1/workspaces', { method: 'POST', headers: { cookie }, body: {} })).status).toBe(403);
    expect(behind.seen).toEqual([]);
  });
});

describe('what is relayed', () => {
  it('goes to the management plane with its token and without anything of the browser', async () => {
    const cookie = await enter();
    const headers = {
      ...own(),
      cookie,
      'sec-fetch-site': 'same-origin',
      authorization: 'Bearer x',
      referer: 'http://x/',
    };
    const answer = await call('/api/mgmt/v1/approvals?state=pending', { headers });
    expect([answer.status, answer.body]).toEqual([200, '{"here":true}']);
    const [seen] = behind.seen;
    expect(seen?.url).toBe('/v1/approvals?state=pending');
    expect(seen?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, host: new URL(behind.url).host });
    for (const name of ['cookie', 'origin', 'referer', 'sec-fetch-site'])
      expect(seen?.headers).not.toHaveProperty(name);
  });

  it('goes to the manager under its own path, body and all, without the token', async () => {
    const headers = { ...own(), cookie: await enter() };
    await call('/api/v1/workspaces', { method: 'POST', headers, body: { name: 'one' } });
    expect(behind.seen).toMatchObject([{ url: '/api/v1/workspaces', body: '{"name":"one"}' }]);
    expect(behind.seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it('never leaves the prefix', async () => {
    const headers = { cookie: await enter() };
    for (const path of ['/api/mgmt/../../health', '/api/mgmt/%2e%2e/health', '/api/mgmt//evil.example/']) {
      await call(path, { headers });
      for (const { headers: relayed } of behind.seen) expect(relayed.host).toBe(new URL(behind.url).host);
    }
  });

  it('is not what the gateway does itself: it vouches for a browser’s key', async () => {
    const { keyId, publicKeyBase64 } = (await generateSigningKey()).stored;
    const headers = { ...own(), cookie: await enter() };
    const answer = await call('/api/device', { method: 'POST', headers, body: { keyId, publicKeyBase64 } });
    expect(JSON.parse(answer.body)).toEqual({ endorsement: { endorsed: keyId } });
    const wrong = await call('/api/device', { method: 'POST', headers, body: { keyId } });
    expect([wrong.status, JSON.parse(wrong.body)]).toMatchObject([400, { fields: [{ field: 'publicKeyBase64' }] }]);
  });
});

describe('the page', () => {
  it.each(['/', '/approvals', '/workspaces/wsp_1/files', '/enter'])(
    'is there at %s for anybody, under its policy',
    async (path) => {
      const answer = await call(path, { headers: { 'sec-fetch-site': 'cross-site' } });
      expect([answer.status, answer.body]).toEqual([200, '<!doctype html><title>Aileron</title>']);
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
      expect(answer.headers['cache-control']).toBe('no-cache');
    },
  );

  it('keeps its files for a year, and has no others', async () => {
    expect((await call('/assets/app.js')).headers['cache-control']).toContain('immutable');
    expect((await call('/assets/none.js')).status).toBe(404);
    expect((await call('/assets/%2e%2e/index.html')).status).not.toBe(200);
    expect((await call('/api/nothing')).status).toBe(404);
  });

  it('is not there for a name that is not this machine’s', async () => {
    expect((await call('/', { headers: { host: 'rebound.example' } })).status).toBe(403);
  });
});
