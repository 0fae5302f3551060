import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { processesWith } from '../testing/conformance-run.js';
import { until } from '../testing/running-workspace.js';
import { SessionServer } from '../testing/session-server.js';
import { describeSandboxed, openLocalPlace } from './local-place.fixture.js';

const LIMIT_MS = 120_000;
const progress = { step: () => undefined, line: () => undefined };

describeSandboxed('what a manager that ended badly left behind', () => {
  let place: Awaited<ReturnType<typeof openLocalPlace>>;
  let session: SessionServer;
  const signal = () => AbortSignal.timeout(LIMIT_MS);
  const request = (launch: number) => {
    return { workspaceId: 'wsp_left', launch, name: 'left', session: session.launchSession, agents: [], image: null };
  };

  beforeEach(async () => {
    place = await openLocalPlace();
    session = await SessionServer.open();
    await place.provisioner().ensureVolume('wsp_left', signal());
  });
  afterEach(async () => {
    await place.dispose();
    await session.close();
  }, LIMIT_MS);

  it(
    'is ended although nothing was recorded of it',
    async () => {
      await place.provisioner().launch(request(1), progress, signal());
      const launch = join(place.directory, 'wsp_left/launch-1');
      expect(await processesWith(launch)).not.toEqual([]);
      for (const text of ['', '{"version":1,"runtime":{"pid":1}}']) {
        await writeFile(join(launch, 'record.json'), text);
        expect((await place.provisioner().inspect('wsp_left', signal())).container).toBe('exited');
      }
      await rm(join(launch, 'record.json'));
      await place.provisioner().stop('wsp_left', signal());
      await until('the end of the parts', async () => ((await processesWith(launch)).length === 0 ? true : null));
      await place.provisioner().remove('wsp_left', { force: false }, signal());
      expect(await place.leftovers('wsp_left')).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'is not mistaken for a process that has the same number by now',
    async () => {
      const provisioner = place.provisioner();
      const launch = join(place.directory, 'wsp_left/launch-3');
      await mkdir(launch, { mode: 0o700 });
      const ours = { pid: process.pid, startedAt: '1', bootId: 'of-another-time' };
      const record = { version: 1, workspaceId: 'wsp_left', launch: 3, runtime: ours, terminal: ours, cgroups: [] };
      await writeFile(join(launch, 'record.json'), JSON.stringify({ ...record, createdAt: 1 }));
      expect(await provisioner.inspect('wsp_left', signal())).toEqual({
        container: 'exited',
        volume: 'present',
        launch: null,
      });
      // It would be this test that ended.
      await provisioner.stop('wsp_left', signal());
      expect((await provisioner.inspect('wsp_left', signal())).container).toBe('missing');
    },
    LIMIT_MS,
  );

  it(
    'is swept when it was being removed, and never takes a stranger’s folder along',
    async () => {
      await mkdir(join(place.directory, '.removing-wsp_gone/volume/project/.git'), { recursive: true });
      await mkdir(join(place.directory, '.somebody-elses'));
      const provisioner = place.provisioner();
      const { found, complete } = await provisioner.list(signal());
      expect(complete).toBe(true);
      expect(new Set(found.map(({ id, workspaceId, kind }) => `${id} ${workspaceId} ${kind}`))).toEqual(
        new Set(['.removing-wsp_gone wsp_gone other', 'wsp_left wsp_left volume']),
      );
      for (const resource of found) await provisioner.removeResource(resource, signal());
      expect((await provisioner.list(signal())).found).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'does not come back: an earlier launch is refused when a later one is there',
    async () => {
      const provisioner = place.provisioner();
      await provisioner.launch(request(2), progress, signal());
      const late = provisioner.launch(request(1), progress, signal());
      await expect(late).rejects.toMatchObject({ code: 'LAUNCH_FAILED' });
      expect((await provisioner.inspect('wsp_left', signal())).launch).toBe(2);
    },
    LIMIT_MS,
  );

  it('has no socket whose path is longer than the kernel takes', async () => {
    const provisioner = place.provisioner();
    const launch = { ...request(1), workspaceId: `w${'x'.repeat(63)}`, launch: Number.MAX_SAFE_INTEGER };
    await expect(provisioner.launch(launch, progress, signal())).rejects.toMatchObject({
      code: 'HOME_PATH_TOO_LONG',
    });
  });
});
