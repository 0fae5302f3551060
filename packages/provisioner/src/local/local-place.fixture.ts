import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '@jest/globals';
import { checkBubblewrap } from '@aileron/sandbox';
import { createLogger } from '@aileron/telemetry';
import type { WorkspaceProvisioner } from '../provisioner.port.js';
import type { ConformanceSubject } from '../testing/conformance-subject.js';
import { processesWith } from '../testing/conformance-run.js';
import { readRecord } from './launch-record.js';
import { createLocalProvisioner } from './local-provisioner.js';
import type { LocalProvisionerOptions } from './local-provisioner.options.js';
import { WorkspaceFolder } from './workspace-folder.js';

const main = (app: string): string => fileURLToPath(new URL(`../../../../apps/${app}/dist/main.js`, import.meta.url));

const unavailable = await checkBubblewrap().then(
  () => null,
  (error: Error) => error,
);

/** Real bubblewrap or nothing: skipped with the reason where it cannot run, unless everything is required. */
export const describeSandboxed = (name: string, body: () => void): void => {
  if (unavailable === null || process.env['AILERON_REQUIRE_ALL'] !== undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${unavailable.message})`, body);
};

/** A folder of its own for the workspaces of one test. */
export async function openLocalPlace(
  options: Partial<LocalProvisionerOptions> = {},
): Promise<ConformanceSubject & { readonly directory: string; readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'aileron-l-'));
  const directory = join(root, 'w');
  const folder = (workspaceId: string, launch: number) => new WorkspaceFolder(directory, workspaceId).launch(launch);
  const provisioner = (): WorkspaceProvisioner =>
    createLocalProvisioner({
      directory,
      nodePath: process.execPath,
      runtimeMain: main('workspace-runtime'),
      terminalMain: main('workspace-terminal'),
      connectors: [],
      promptHint: 'Aileron has tools.',
      agentsDirectory: join(root, 'agents'),
      log: createLogger({ service: 'test', level: 'silent' }),
      clock: { now: () => Date.now() },
      ...options,
    });
  return {
    root,
    directory,
    provisioner,
    killComponent: async ({ workspaceId, launch, component }) => {
      const record = await readRecord(folder(workspaceId, launch));
      process.kill(record?.[component]?.pid ?? 0, 'SIGKILL');
    },
    leftovers: async (workspaceId) => {
      const names = await readdir(directory).catch(() => []);
      const folders = names.filter((name) => name.includes(workspaceId));
      const processes = await processesWith(join(directory, workspaceId));
      const groups = await leftGroups(workspaceId);
      return [...folders, ...processes.map((pid) => `process ${pid}`), ...groups];
    },
    forbiddenPaths: (workspaceId, launch) => {
      const { path } = folder(workspaceId, launch);
      return [root, directory, path, join(path, 'plan.json'), join(path, 'runtime.json'), join(path, 'runtime.sock')];
    },
    dispose: async () => {
      for (const name of await readdir(directory).catch(() => [])) {
        if (!name.startsWith('.')) await provisioner().remove(name, { force: true }, AbortSignal.timeout(60_000));
      }
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Beside and below the groups that this process is in. */
async function leftGroups(workspaceId: string): Promise<string[]> {
  const own = (await readFile('/proc/self/cgroup', 'utf8').catch(() => '')).trim().split('\n');
  const parents = own.flatMap((line) => {
    const [, controller = '', path = '/'] = line.split(':');
    const top = join('/sys/fs/cgroup', controller);
    return [top, join(top, path), join(top, path, '..')];
  });
  const names = await Promise.all([...new Set(parents)].map((path) => readdir(path).catch(() => [])));
  return names.flat().filter((name) => name.includes(`aileron-${workspaceId}-`));
}
