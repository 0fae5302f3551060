import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ManagerProcessInput } from '../testing/manager-process.fixture.js';
import { ManagerPlace, RunningManager } from '../testing/running-manager.fixture.js';
import { waitUntil } from '../testing/wait-until.fixture.js';

jest.setTimeout(240_000);

let place: ManagerPlace;
const processes: ChildProcess[] = [];

beforeEach(async () => {
  place = await ManagerPlace.make();
  place.sessions.forgetful = true;
});
afterEach(async () => {
  for (const each of processes.splice(0)) each.kill('SIGKILL');
  await place.remove();
});

/** A manager as a process; `hold`: a launch that it begins never ends. */
async function startProcess(hold: boolean): Promise<{ process: ChildProcess; manager: RunningManager }> {
  const program = join(import.meta.dirname, '../testing/manager-process.fixture.ts');
  const input: ManagerProcessInput = { settings: place.settings, root: place.provisioner.root, hold };
  const told = JSON.stringify(input);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, told], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: '/usr/bin:/bin' },
  });
  processes.push(child);
  const lines = createInterface({ input: child.stdout });
  const [url] = (await once(lines, 'line', { signal: AbortSignal.timeout(100_000) })) as [string];
  return { process: child, manager: RunningManager.at(url) };
}

describe('an operation', () => {
  it('is taken over when its manager is killed in the middle of it', async () => {
    const doomed = await startProcess(true);
    const { workspaceId } = await doomed.manager.create('orphaned');
    await waitUntil(async () => (await doomed.manager.view(workspaceId))?.steps[2]?.status === 'running');
    const killed = once(doomed.process, 'exit');
    doomed.process.kill('SIGKILL');
    await killed;
    const heir = await place.start();
    await waitUntil(async () => (await heir.view(workspaceId))?.phase === 'running');
    expect((await place.provisioner.list()).found.filter(({ kind }) => kind === 'container')).toHaveLength(1);
  });

  it('is done once by one of two managers, and either carries on alone', async () => {
    const [one, other] = [await place.start(), await place.start()];
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const created = await Promise.all(names.map((name, index) => (index % 2 === 0 ? one : other).create(name)));
    for (const { workspaceId } of created) await other.reached(workspaceId, 'running');
    expect(place.provisioner.launches).toBe(names.length);
    await one.close();
    const [{ workspaceId } = { workspaceId: '' }] = created;
    await place.provisioner.kill(workspaceId, 'runtime');
    await waitUntil(() => place.provisioner.launches > names.length);
    await other.reached(workspaceId, 'running');
    const answers = await Promise.all(
      created.map((each) => other.call('DELETE', `/api/v1/workspaces/${each.workspaceId}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 202));
    await waitUntil(async () => (await place.provisioner.list()).found.length === 0);
  });

  it('leaves no session behind whose beginning nobody heard of', async () => {
    const manager = await place.start();
    place.sessions.lostAnswers = 1;
    const { workspaceId, sessionId } = await manager.running_('unheard');
    expect(place.sessions.started).toBe(2);
    await waitUntil(() => place.sessions.alive.size === 1);
    expect([...place.sessions.alive.keys()]).toEqual([sessionId]);
    await manager.call('DELETE', `/api/v1/workspaces/${workspaceId}`);
    await waitUntil(() => place.sessions.alive.size === 0);
  });

  it('fails with a reason when it cannot be done, and can be asked for again', async () => {
    const manager = await place.start();
    const { workspaceId } = await manager.running_('volumeless');
    await manager.call('POST', `/api/v1/workspaces/${workspaceId}/stop`);
    await manager.reached(workspaceId, 'stopped');
    await place.provisioner.loseVolume(workspaceId);
    const failed = await manager.reached(workspaceId, 'failed');
    expect(failed.attentionReasons).toEqual(['failure']);
    expect(failed.conditions.find(({ component }) => component === 'volume')).toMatchObject({
      status: 'failed',
      reason: 'VolumeLost',
    });
    expect(await manager.call('DELETE', `/api/v1/workspaces/${workspaceId}`)).toMatchObject({ status: 202 });
    await waitUntil(async () => (await manager.view(workspaceId)) === null);
  });
});

describe('a sweep', () => {
  it('removes what has no owner, and keeps a volume that may be somebody’s', async () => {
    const manager = await place.start();
    const { workspaceId } = await manager.running_('owned');
    await place.provisioner.ensureVolume('wsp_nobodys');
    await place.provisioner.launchAlone('wsp_nobodys');
    await waitUntil(async () => (await place.provisioner.inspect('wsp_nobodys')).container === 'missing');
    expect(await place.provisioner.inspect('wsp_nobodys')).toMatchObject({ volume: 'present' });
    expect(await manager.view(workspaceId)).toMatchObject({ phase: 'running' });
  });

  it('goes on when something cannot be removed', async () => {
    const manager = await place.start();
    const { workspaceId } = await manager.running_('halted');
    await manager.call('POST', `/api/v1/workspaces/${workspaceId}/stop`);
    await manager.reached(workspaceId, 'stopped');
    let tries = 0;
    place.provisioner.removeResource = () => {
      tries += 1;
      return Promise.reject(new Error('busy'));
    };
    await place.provisioner.launchAlone('wsp_stuck');
    await waitUntil(() => tries > 0);
    await place.provisioner.launchAlone(workspaceId);
    await waitUntil(async () => (await place.provisioner.inspect(workspaceId)).container === 'missing');
    expect((await place.provisioner.inspect('wsp_stuck')).container).not.toBe('missing');
  });
});
