import { listRoutes } from '@aileron/auth';
import { WORKSPACE_ROUTES, type Route } from '@aileron/contracts/workspace';
import type { INestApplication } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ManagerPlace, type RunningManager } from '../testing/running-manager.fixture.js';

jest.setTimeout(240_000);

let place: ManagerPlace;
let manager: RunningManager;

beforeAll(async () => {
  place = await ManagerPlace.make();
  manager = await place.start();
});
afterAll(() => place.remove());

const table: readonly Route[] = Object.values(WORKSPACE_ROUTES);
const DOCS = ['GET /openapi.json', 'GET /docs', 'GET /redoc', 'GET /docs/assets/:name'];

const served = () => listRoutes(manager.running.service('workspace-manager').context as INestApplication);

describe('the routes of the manager', () => {
  it('are those of the table and the pages that show it, and no other', () => {
    const expected = table.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
    const found = served().map(({ method, path }) => `${method} ${path}`);
    expect(found.toSorted()).toEqual([...expected, ...DOCS].toSorted());
  });

  it('each state who may call them: this machine, without a token', () => {
    expect(new Set(served().map(({ access }) => access))).toEqual(new Set(['public']));
  });

  it.each(table.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'refuse a page of another origin, another host and what is not JSON: %s',
    async (_, { method, path }) => {
      const target = path.replace('{component}', 'runtime').replaceAll(/\{(\w+?)Id\}/g, (_all, name: string) => {
        return { workspace: 'wsp_x', terminal: 'trm_x', agentSession: 'ags_x' }[name] ?? 'x';
      });
      for (const headers of [{ origin: 'http://evil.example' }, { host: 'evil.example' }]) {
        const refused = await manager.call(method, target, {}, headers);
        expect(refused).toMatchObject({ status: 403, json: { code: 'ORIGIN_REFUSED' } });
      }
      if (method === 'GET' || method === 'DELETE') return;
      const form = await manager.call(method, target, {}, { 'content-type': 'text/plain' });
      expect(form).toMatchObject({ status: 415 });
    },
  );

  it('answer 400 or 404, never 5xx, to what no schema allows', async () => {
    // The one that has nothing to be wrong goes on for ever.
    for (const { method, path } of table.filter((route) => route !== WORKSPACE_ROUTES.watchWorkspaces)) {
      const target = path.replaceAll(/\{\w+\}/g, '%00..%2f');
      const { status } = await manager.call(method, `${target}?what=%ff&limit=x&seq=-1`, [1, { a: null }]);
      expect({ target, fine: status < 500 }).toEqual({ target, fine: true });
    }
  });
});

describe('the pages that show the API', () => {
  it('load nothing from elsewhere', async () => {
    for (const path of ['/docs', '/redoc']) {
      const { status, text, headers } = await manager.call('GET', path);
      expect(status).toBe(200);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      const sources = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
      expect(sources.length).toBeGreaterThan(2);
      for (const source of sources.filter((each) => !each.startsWith('data:'))) {
        expect(source).toMatch(/^\/docs\/assets\//);
        expect(await manager.call('GET', source)).toMatchObject({ status: 200 });
      }
    }
    expect(await manager.call('GET', '/docs/assets/..%2fpackage.json')).toMatchObject({ status: 404 });
  });

  it('read the document of the same table', async () => {
    const { json } = await manager.call('GET', '/openapi.json');
    const { openapi, paths } = json as { openapi: string; paths: Record<string, object> };
    expect(openapi).toBe('3.1.1');
    expect(Object.keys(paths).toSorted()).toEqual([...new Set(table.map(({ path }) => path))].toSorted());
  });
});
