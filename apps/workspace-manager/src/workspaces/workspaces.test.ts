import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ListWorkspacesResponse, WorkspaceView } from '@aileron/contracts/workspace';
import { ManagerPlace, QUEUES, type RunningManager } from '../testing/running-manager.fixture.js';
import { waitUntil } from '../testing/wait-until.fixture.js';

jest.setTimeout(240_000);

let place: ManagerPlace;
let manager: RunningManager;

const fieldsOf = (json: unknown) => (json as { fields: { field: string }[] }).fields.map(({ field }) => field);

describe.each(QUEUES)('with jobs on %s:', (queue) => {
  beforeAll(async () => {
    place = await ManagerPlace.make(queue);
    manager = await place.start();
  });
  afterAll(() => place.remove());

  describe('a workspace', () => {
    it('is created in numbered steps, runs, stops with its data, starts again, and goes with everything', async () => {
      const created = await manager.create('first');
      expect(created).toMatchObject({ name: 'first', phase: 'creating', provisioner: 'local', generation: 1 });
      const running = await manager.reached(created.workspaceId, 'running');
      expect(running.steps.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
      expect(running.attentionReasons).toEqual(['locked']);
      expect(running.sessionId).toMatch(/^ses_/);
      await waitUntil(async () => {
        const view = await manager.view(created.workspaceId);
        return view?.conditions.filter(({ status }) => status === 'ready').length === 4;
      });
      const path = `/api/v1/workspaces/${created.workspaceId}`;
      expect(await manager.call('POST', `${path}/stop`)).toMatchObject({ status: 202, json: { generation: 2 } });
      await manager.reached(created.workspaceId, 'stopped');
      await waitUntil(() => place.sessions.alive.size === 0);
      expect(await manager.call('POST', `${path}/start`)).toMatchObject({ status: 202 });
      expect((await manager.reached(created.workspaceId, 'running')).sessionId).not.toBe(running.sessionId);
      expect(await manager.call('DELETE', path)).toMatchObject({ status: 202, json: { phase: 'deleting' } });
      await waitUntil(async () => (await manager.view(created.workspaceId)) === null);
      await waitUntil(() => place.sessions.alive.size === 0);
      expect((await place.provisioner.list()).found).toEqual([]);
    });

    it('is refused with the field that is wrong', async () => {
      const post = (body: unknown) => manager.call('POST', '/api/v1/workspaces', body);
      const badName = await post({ name: 'Not A Name' });
      expect(badName).toMatchObject({ status: 400, type: 'application/problem+json' });
      expect(fieldsOf(badName.json)).toEqual(['name']);
      expect(fieldsOf((await post({ name: 'x', what: 1 })).json)).toHaveLength(1);
      const noEngine = await post({ name: 'my-workspace', provisioner: 'docker' });
      expect(noEngine).toMatchObject({ status: 422, json: { code: 'PROVISIONER_UNAVAILABLE', available: ['local'] } });
      expect(fieldsOf(noEngine.json)).toEqual(['provisioner']);
      expect(await post({ name: 'x', template: 'none' })).toMatchObject({ status: 404 });
      expect(await manager.call('GET', '/api/v1/workspaces/wsp_none')).toMatchObject({ status: 404 });
      expect(await manager.call('GET', '/api/v1/workspaces/none')).toMatchObject({ status: 400 });
    });

    it('has a name of its own, which can be changed, and is free once it is gone', async () => {
      const { workspaceId } = await manager.create('twin');
      const again = await manager.call('POST', '/api/v1/workspaces', { name: 'twin' });
      expect(again).toMatchObject({ status: 409, json: { reason: 'name-taken' } });
      const path = `/api/v1/workspaces/${workspaceId}`;
      expect(await manager.call('PATCH', path, { name: 'renamed' })).toMatchObject({
        status: 200,
        json: { name: 'renamed' },
      });
      await manager.create('twin');
      expect(await manager.call('PATCH', path, { name: 'twin' })).toMatchObject({ status: 409 });
      await manager.call('DELETE', `${path}?force=true`);
      await waitUntil(async () => (await manager.view(workspaceId)) === null);
      await manager.create('renamed');
    });

    it('takes an intent of who has seen its generation', async () => {
      const { workspaceId, generation } = await manager.running_('intents');
      const stop = (header: string) =>
        manager.call('POST', `/api/v1/workspaces/${workspaceId}/stop`, {}, { 'if-match': header });
      expect(await stop('"99"')).toMatchObject({ status: 409 });
      expect(await stop('nonsense')).toMatchObject({ status: 400 });
      expect(await stop(`"${generation}"`)).toMatchObject({ status: 202 });
      expect(await stop(`"${generation}"`)).toMatchObject({ status: 409 });
    });

    it('is rebuilt when its runtime dies, and goes on under the same session rules', async () => {
      const { workspaceId } = await manager.running_('killed');
      const { launches } = place.provisioner;
      await place.provisioner.kill(workspaceId, 'runtime');
      await waitUntil(() => place.provisioner.launches > launches);
      await manager.reached(workspaceId, 'running');
    });

    it('restarts its runtime alone', async () => {
      const { workspaceId } = await manager.running_('component');
      const before = await place.provisioner.inspect(workspaceId);
      const path = `/api/v1/workspaces/${workspaceId}/components/runtime/restart`;
      expect(await manager.call('POST', path)).toMatchObject({ status: 202 });
      await waitUntil(async () => {
        const view = await manager.view(workspaceId);
        return view?.conditions.find(({ component }) => component === 'runtime')?.status === 'ready' ? view : null;
      });
      expect(await place.provisioner.inspect(workspaceId)).toEqual(before);
      const refused = await manager.call('POST', `/api/v1/workspaces/${workspaceId}/components/volume/restart`);
      expect(refused).toMatchObject({ status: 400 });
    });

    it('stores its firewall, merges the platform’s domains, and tells what was refused', async () => {
      const { workspaceId, sessionId } = await manager.running_('walled');
      const path = `/api/v1/workspaces/${workspaceId}`;
      const change = { workspace_firewall_allowed_domains: ['*.example.com'] };
      const patched = await manager.call('PATCH', path, change);
      expect(patched).toMatchObject({ status: 200, json: { firewall: change } });
      expect(place.sessions.alive.get(sessionId ?? '')?.firewall).toMatchObject({
        networkAccess: true,
        domains: ['registry.npmjs.org', '*.example.com'],
      });
      const { json } = await manager.call('GET', `${path}/firewall`);
      expect((json as { workspace: { domains: unknown } }).workspace.domains).toEqual([
        { domain: 'registry.npmjs.org', source: 'platform' },
        { domain: 'api.linear.app', source: 'connector' },
        { domain: '*.example.com', source: 'workspace' },
      ]);
      expect(await manager.call('GET', `${path}/firewall/blocked`)).toMatchObject({
        json: { blocked: [{ host: 'evil.example', count: 3 }] },
      });
      const wrong = await manager.call('PATCH', path, { workspace_firewall_allowed_domains: ['no host'] });
      expect(fieldsOf(wrong.json)).toEqual(['workspace_firewall_allowed_domains.0']);
    });

    it('tells when its session is unlocked', async () => {
      const { workspaceId, sessionId } = await manager.running_('locked');
      place.sessions.alive.get(sessionId ?? '')!.locked = false;
      await waitUntil(async () => (await manager.view(workspaceId))?.attention === 'idle');
    });

    it('gets a new session when its own is over', async () => {
      const { workspaceId, sessionId } = await manager.running_('expired');
      place.sessions.alive.delete(sessionId ?? '');
      await waitUntil(async () => {
        const view = await manager.view(workspaceId);
        return view?.phase === 'running' && view.sessionId !== null && view.sessionId !== sessionId;
      });
    });
  });

  describe('the list of workspaces', () => {
    it('is given in pages, the newest first, filtered', async () => {
      const names = ['list-a', 'list-b', 'list-c', 'list-d', 'list-e'];
      for (const name of names) await manager.create(name);
      const list = async (query: string) =>
        (await manager.call('GET', `/api/v1/workspaces?${query}`)).json as ListWorkspacesResponse;
      const seen: WorkspaceView[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: ListWorkspacesResponse = await list(
          `search=list-&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
        );
        seen.push(...page.workspaces);
        cursor = page.nextCursor;
      }
      expect(seen.map(({ name }) => name)).toEqual(names.toReversed());
      expect((await list('phase=failed')).workspaces).toEqual([]);
      expect(await manager.call('GET', '/api/v1/workspaces?cursor=x')).toMatchObject({ status: 400 });
      expect(await manager.call('GET', '/api/v1/workspaces?limit=0')).toMatchObject({ status: 400 });
    });
  });

  describe('the platform', () => {
    it('says what there is and that it works', async () => {
      expect(await manager.call('GET', '/health')).toMatchObject({
        status: 200,
        json: { status: 'ok', service: 'ok', database: 'ok', queue: 'ok' },
      });
      const { json } = await manager.call('GET', '/api/v1/provisioners');
      expect((json as { provisioners: { provisioner: string; available: boolean }[] }).provisioners).toMatchObject([
        { provisioner: 'local', available: true },
        { provisioner: 'docker', available: false },
        { provisioner: 'kubernetes', available: false },
      ]);
      expect(await manager.call('GET', '/api/v1/templates')).toMatchObject({
        json: { templates: [{ name: 'default', isDefault: true }] },
      });
    });

    it('answers no page of another origin', async () => {
      const evil = { origin: 'http://evil.example' };
      expect(await manager.call('GET', '/api/v1/workspaces', undefined, evil)).toMatchObject({ status: 403 });
    });
  });
});
