import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { openJobQueue } from '@aileron/queue';
import { workspaceProcesses, type WorkspaceProcess } from './process-scan.ts';
import type { StoredWorkspaces } from './stored-workspaces.ts';
import type { WorkspacePlane } from './workspace-plane.ts';

const TABLES = ['workspace', 'execution_session', 'event_stream', 'event_entry', 'agent_session', 'outbox'] as const;
const JOBS = ['workspace.operation', 'workspace.inspect'] as const;
const run = promisify(execFile);

/** What is there of workspaces although all were deleted, in words: nothing, if the promise holds. */
export async function leftovers(
  plane: WorkspacePlane,
  stored: StoredWorkspaces,
  seen: ReadonlySet<string>,
  engineFell: boolean,
): Promise<string[]> {
  const processes = workspaceProcesses(plane.root)
    .filter((each) => !engineFell || !isTheEngines(each))
    .map(({ pid, command }) => `process ${pid}: ${command}`);
  const rows = Object.entries(await stored.rowCounts(TABLES));
  return [
    ...processes,
    ...(await folders(plane)),
    ...(await controlGroups(seen)),
    ...rows.filter(([, count]) => count > 0).map(([table, count]) => `${count} rows of ${table}`),
    ...(await jobs(plane)),
    ...(await plane.mgmt.liveSessions()).map((sessionId) => `session ${sessionId} is alive`),
    ...(await ofDocker(plane)),
  ];
}

/**
 * What an engine that was killed between making a container and starting it forgets, and has no call to end: nothing of ours runs in it yet.
 * While the engine knows its container, that container is what is left.
 */
export const isTheEngines = ({ command }: WorkspaceProcess): boolean => command === 'runc init';

/** Folders of workspaces with everything in them: launches, sockets, volumes; and of sessions. */
async function folders(plane: WorkspacePlane): Promise<string[]> {
  const below = await readdir(plane.workspacesDirectory, { recursive: true }).catch(() => []);
  return below
    .filter((name) => !name.startsWith('.'))
    .map((name) => `file ${name}`)
    .slice(0, 40);
}

async function controlGroups(seen: ReadonlySet<string>): Promise<string[]> {
  const find = ['/sys/fs/cgroup', '-maxdepth', '6', '-type', 'd', '-name', 'aileron-wsp_*'];
  const { stdout } = await run('find', find, { timeout: 20_000 }).catch(() => ({ stdout: '' }));
  const ours = stdout.split('\n').filter((path) => [...seen].some((workspaceId) => path.includes(workspaceId)));
  return ours.map((path) => `control group ${path}`);
}

async function jobs({ queue: server }: WorkspacePlane): Promise<string[]> {
  const queue = await openJobQueue({ server });
  try {
    const counted = await Promise.all(JOBS.map(async (name) => ({ name, ...(await queue.counts(name)) })));
    return counted.flatMap(({ name, ...counts }) =>
      Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([state, count]) => `${count} jobs ${name} are ${state}`),
    );
  } finally {
    await queue.close();
  }
}

async function ofDocker({ docker, homeId }: WorkspacePlane): Promise<string[]> {
  if (docker === null) return [];
  const filter = ['--filter', `label=dev.aileron.home=${homeId}`];
  const containers = await docker.command('ps', '-a', ...filter, '--format', 'container {{.Names}} {{.Status}}');
  const volumes = await docker.command('volume', 'ls', ...filter, '--format', 'volume {{.Name}}');
  return `${containers}\n${volumes}`.split('\n').filter((line) => line.trim() !== '');
}
