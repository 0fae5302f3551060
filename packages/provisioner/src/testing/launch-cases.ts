import assert from 'node:assert/strict';
import { AileronError } from '@aileron/errors';
import type { ConformanceRun } from './conformance-run.js';
import { until } from './running-workspace.js';

type Case = readonly [name: string, work: (run: ConformanceRun) => Promise<void>];

const SILENT = { step: () => undefined, line: () => undefined };
const HOSTILE_IDS = ['../x', '..', '.', '', 'a/b', '/etc', 'wsp_a\n', 'wsp_a\0b', '-rf', `wsp_${'a'.repeat(100)}`];

const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return AileronError.is(error) ? error.code : String(error);
  }
  return 'nothing';
};

/** How a launch begins, and what it refuses. */
export const LAUNCH_CASES: readonly Case[] = [
  [
    'both parts of a launch answer, and its steps are those it announced',
    async (run) => {
      const workspaceId = await run.volume();
      const { workspace, steps } = await run.launch(workspaceId);
      assert.equal((await workspace.runtime.describe({})).workspaceId, workspaceId);
      assert.deepEqual((await workspace.terminal.listTerminals({})).terminals, []);
      const announced = run.provisioner.launchSteps ?? [];
      for (const name of announced)
        assert.ok(steps.includes(`${name} done`) || steps.includes(`${name} skipped`), name);
      assert.deepEqual(
        [...new Set(steps.map((step) => step.split(' ')[0]))].filter((name) => !announced.includes(name!)),
        [],
      );
    },
  ],
  [
    'the same launch again is the one that runs',
    async (run) => {
      const { launch, workspace } = await run.launch(await run.volume());
      const before = await workspace.bootIds();
      const again = await run.launchAs(launch);
      assert.deepEqual(await again.workspace.bootIds(), before);
    },
  ],
  [
    'a later launch ends the earlier one',
    async (run) => {
      const workspaceId = await run.volume();
      const first = await run.launch(workspaceId, 1);
      const before = await first.workspace.bootIds();
      const second = await run.launch(workspaceId, 2);
      assert.notEqual((await second.workspace.bootIds()).runtime, before.runtime);
      assert.equal(await first.workspace.answers('runtime'), false);
      assert.equal(await first.workspace.answers('terminal'), false);
      assert.deepEqual(await run.provisioner.inspect(workspaceId, run.signal), {
        container: 'running',
        volume: 'present',
        launch: 2,
      });
    },
  ],
  [
    'a launch without a volume is refused and makes none',
    async (run) => {
      const workspaceId = run.newId();
      assert.equal(await codeOf(() => run.launch(workspaceId)), 'VOLUME_MISSING');
      const { container, volume } = await run.provisioner.inspect(workspaceId, run.signal);
      assert.deepEqual({ container, volume }, { container: 'missing', volume: 'missing' });
    },
  ],
  [
    'ids that are no names are refused',
    async (run) => {
      const session = await run.session();
      for (const id of HOSTILE_IDS) {
        const attempts: (() => Promise<unknown>)[] = [
          async () => run.provisioner.ensureVolume(id, run.signal),
          async () => run.provisioner.launch(run.request(id, 1, session), SILENT, run.signal),
          async () => run.provisioner.endpointsOf(id, 1),
          async () => run.provisioner.stop(id, run.signal),
          async () => run.provisioner.remove(id, { force: true }, run.signal),
          async () => run.provisioner.inspect(id, run.signal),
          async () => run.provisioner.logs(id, 'runtime', run.signal),
        ];
        for (const attempt of attempts) assert.equal(await codeOf(attempt), 'INVALID_ARGUMENT', JSON.stringify(id));
      }
    },
  ],
  [
    'a launch that is given up leaves nothing running',
    async (run) => {
      for (const at of run.provisioner.launchSteps ?? []) {
        const workspaceId = await run.volume();
        const gone = new AbortController();
        const progress = {
          step: ({ name }: { name: string }) => void (name === at && gone.abort()),
          line: () => undefined,
        };
        const launch = run.request(workspaceId, 1, await run.session());
        await assert.rejects(() => run.provisioner.launch(launch, progress, gone.signal));
        await until(`nothing is left of a launch given up at ${at}`, async () => {
          const { container } = await run.provisioner.inspect(workspaceId, run.signal);
          return container === 'missing' ? true : null;
        });
        await run.provisioner.remove(workspaceId, { force: true }, run.signal);
        assert.deepEqual(await run.subject.leftovers(workspaceId), []);
      }
      // What was given up can be begun again.
      const workspaceId = await run.volume();
      const launch = run.request(workspaceId, 1, await run.session());
      await assert.rejects(async () => run.provisioner.launch(launch, SILENT, AbortSignal.abort()));
      assert.equal(await (await run.launchAs(launch)).workspace.answers('runtime'), true);
    },
  ],
];
