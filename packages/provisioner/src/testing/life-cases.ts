import assert from 'node:assert/strict';
import { processesWith, type ConformanceRun, uniqueSeconds } from './conformance-run.js';
import { until } from './running-workspace.js';

type Case = readonly [name: string, work: (run: ConformanceRun) => Promise<void>];

async function listed(run: ConformanceRun, workspaceId: string) {
  const { found, complete } = await run.provisioner.list(run.signal);
  assert.equal(complete, true);
  return found.filter((each) => each.workspaceId === workspaceId);
}

/** What becomes of a launch. */
export const LIFE_CASES: readonly Case[] = [
  [
    'a stop keeps what was written and ends what was left running',
    async (run) => {
      const workspaceId = await run.volume();
      const first = await run.launch(workspaceId, 1);
      const seconds = uniqueSeconds();
      await first.workspace.inside(
        `echo kept >kept.txt; echo home >~/kept.txt; setsid sleep ${seconds} >/dev/null 2>&1 &`,
      );
      const terminalId = await first.workspace.openTerminal();
      await first.workspace.type(terminalId, `echo started >started; exec sleep ${seconds}\r`);
      await until('the program in the terminal', () => first.workspace.read('started'));
      await until('its process', async () => ((await processesWith(seconds)).length > 0 ? true : null));
      await run.provisioner.stop(workspaceId, run.signal);
      await until('the end of it', async () => ((await processesWith(seconds)).length === 0 ? true : null));
      const after = await run.provisioner.inspect(workspaceId, run.signal);
      assert.deepEqual(after, { container: 'missing', volume: 'present', launch: null });
      await run.provisioner.stop(workspaceId, run.signal);
      const second = await run.launch(workspaceId, 2);
      assert.equal((await second.workspace.inside('cat kept.txt ~/kept.txt')).output, 'kept\nhome\n');
    },
  ],
  [
    'a removal leaves nothing, and removing it again is no failure',
    async (run) => {
      const workspaceId = await run.volume();
      const { workspace } = await run.launch(workspaceId);
      await workspace.write('file.txt', 'data');
      assert.notDeepEqual(await run.subject.leftovers(workspaceId), []);
      await run.provisioner.remove(workspaceId, { force: false }, run.signal);
      assert.deepEqual(await run.subject.leftovers(workspaceId), []);
      assert.deepEqual(await listed(run, workspaceId), []);
      await run.provisioner.remove(workspaceId, { force: true }, run.signal);
      const after = await run.provisioner.inspect(workspaceId, run.signal);
      assert.deepEqual(after, { container: 'missing', volume: 'missing', launch: null });
    },
  ],
  [
    'a runtime that was killed is seen',
    async (run) => {
      const workspaceId = await run.volume();
      const { workspace } = await run.launch(workspaceId);
      const before = (await workspace.bootIds()).runtime;
      await run.subject.killComponent({ workspaceId, launch: 1, component: 'runtime' });
      await until('that it does not run, or runs anew', async () => {
        const { container } = await run.provisioner.inspect(workspaceId, run.signal);
        if (container !== 'running') return true;
        const anew = await workspace.answers('runtime');
        return anew && (await workspace.bootIds()).runtime !== before ? true : null;
      });
      const next = await run.launch(workspaceId, 2);
      assert.notEqual((await next.workspace.bootIds()).runtime, before);
    },
  ],
  [
    'what is listed agrees with what is inspected',
    async (run) => {
      const workspaceId = await run.volume();
      const kinds = async () =>
        (await listed(run, workspaceId)).map(({ kind, launch, running }) => ({ kind, launch, running }));
      assert.ok((await kinds()).every(({ kind, running }) => kind === 'volume' && !running));
      await run.launch(workspaceId, 3);
      const containers = (await kinds()).filter(({ kind }) => kind === 'container');
      assert.deepEqual(containers, [{ kind: 'container', launch: 3, running: true }]);
      const inspection = await run.provisioner.inspect(workspaceId, run.signal);
      assert.deepEqual(inspection, { container: 'running', volume: 'present', launch: 3 });
      const [resource] = await listed(run, workspaceId);
      assert.ok(resource !== undefined && Math.abs(resource.createdAt - Date.now()) < 600_000);
      await run.provisioner.stop(workspaceId, run.signal);
      assert.deepEqual(
        (await kinds()).filter(({ kind }) => kind === 'container'),
        [],
      );
    },
  ],
  [
    'a manager that was started again finds what runs',
    async (run) => {
      const workspaceId = await run.volume();
      const { launch, workspace } = await run.launch(workspaceId);
      const before = await workspace.bootIds();
      const later = run.subject.provisioner();
      const found = run.connect(later.endpointsOf(workspaceId, 1));
      assert.deepEqual(await found.bootIds(), before);
      assert.deepEqual(await (await run.launchAs(launch, later)).workspace.bootIds(), before);
      assert.equal((await later.inspect(workspaceId, run.signal)).container, 'running');
      await later.stop(workspaceId, run.signal);
      assert.equal(await workspace.answers('runtime'), false);
      assert.equal(await workspace.answers('terminal'), false);
    },
  ],
  [
    'a part is started again without the other',
    async (run) => {
      const workspaceId = await run.volume();
      const { workspace } = await run.launch(workspaceId);
      for (const component of ['runtime', 'terminal'] as const) {
        const other = component === 'runtime' ? 'terminal' : 'runtime';
        const before = await workspace.bootIds();
        await run.provisioner.restartComponent({ workspaceId, launch: 1, component }, run.signal);
        const after = await until('both answer', () => workspace.bootIds().catch(() => null));
        assert.notEqual(after[component], before[component]);
        assert.equal(after[other], before[other]);
      }
    },
  ],
  [
    'what nobody knows any more can be removed as it was listed',
    async (run) => {
      const [first, second] = [await run.volume(), await run.volume()];
      await run.launch(first);
      const later = run.subject.provisioner();
      for (const id of [first, second]) {
        for (const resource of await listed(run, id)) await later.removeResource(resource, run.signal);
        // Removing one thing can leave another, which the next sweep finds.
        for (const resource of await listed(run, id)) await later.removeResource(resource, run.signal);
        assert.deepEqual(await run.subject.leftovers(id), []);
      }
    },
  ],
  [
    'the last lines of a part can be read',
    async (run) => {
      const workspaceId = await run.volume();
      await run.launch(workspaceId);
      // It listens a moment before it says so.
      const text = await until('what the runtime says', async () => {
        const lines = await run.provisioner.logs(workspaceId, 'runtime', run.signal);
        return lines.includes('workspace-runtime') ? lines : null;
      });
      assert.ok(Buffer.byteLength(text) <= 65_536);
      assert.equal(await run.provisioner.logs(run.newId(), 'terminal', run.signal), '');
    },
  ],
];
