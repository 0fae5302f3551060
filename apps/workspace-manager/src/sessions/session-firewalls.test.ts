import type { Firewall } from '@aileron/contracts/grpc';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ManagerPlace, type RunningManager } from '../testing/running-manager.fixture.js';
import { waitUntil } from '../testing/wait-until.fixture.js';

jest.setTimeout(240_000);

let place: ManagerPlace;
let manager: RunningManager;

beforeEach(async () => {
  place = await ManagerPlace.make();
  manager = await place.start();
});
afterEach(() => place.remove());

const OFF = { workspace_firewall_network_access_enabled: false };
const ON = { workspace_firewall_network_access_enabled: true };
const patch = (workspaceId: string, body: object) => manager.call('PATCH', `/api/v1/workspaces/${workspaceId}`, body);
/** Whether the sessions that are alive may reach anything. */
const open = () => [...place.sessions.alive.values()].map(({ firewall }) => (firewall as Firewall).networkAccess);

describe('settings that change during a launch', () => {
  it('reach a session that the management plane is still about to answer, before anything runs in it', async () => {
    const answer = Promise.withResolvers<void>();
    const launch = Promise.withResolvers<void>();
    place.sessions.answering = answer.promise;
    place.provisioner.gate = launch.promise;
    const { workspaceId } = await manager.create('asked', ON);
    await waitUntil(() => place.sessions.alive.size === 1);
    expect(await patch(workspaceId, OFF)).toMatchObject({ status: 200 });
    expect(open()).toEqual([true]);
    answer.resolve();
    await waitUntil(() => place.provisioner.launches === 1);
    expect(open()).toEqual([false]);
    launch.resolve();
    await manager.reached(workspaceId, 'running');
  });

  it('reach the session of a launch whose parts are being started', async () => {
    const launch = Promise.withResolvers<void>();
    place.provisioner.gate = launch.promise;
    const { workspaceId } = await manager.create('started', ON);
    await waitUntil(() => place.provisioner.launches === 1);
    expect(open()).toEqual([true]);
    expect(await patch(workspaceId, OFF)).toMatchObject({ status: 200 });
    expect(open()).toEqual([false]);
    launch.resolve();
    await manager.reached(workspaceId, 'running');
  });
});

describe('settings that did not reach the session', () => {
  it('are told to be stored alone, and reach it as soon as it can be reached', async () => {
    const { workspaceId } = await manager.running_('unreached');
    place.sessions.failingUpdates = 2;
    expect(await patch(workspaceId, OFF)).toMatchObject({ status: 503 });
    expect(await manager.view(workspaceId)).toMatchObject({ firewall: OFF });
    await waitUntil(() => open().every((each) => !each));
    expect(place.sessions.failingUpdates).toBe(0);
  });

  it('are put right when changes came to it in another order than they were stored', async () => {
    const { workspaceId } = await manager.running_('disorder');
    await patch(workspaceId, OFF);
    const [session] = place.sessions.alive.values();
    session!.firewall = { ...(session!.firewall as Firewall), networkAccess: true };
    await waitUntil(() => open().every((each) => !each));
  });
});
