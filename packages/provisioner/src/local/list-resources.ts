import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundResource } from '@aileron/lifecycle';
import { readRecord } from './launch-record.js';
import { boundLog } from './part-log.js';
import { type LaunchFolder, PARTS, WorkspaceFolder } from './workspace-folder.js';

const PREFIX = '.removing-';

/** The name of the folder that a workspace becomes while it is removed. */
export const REMOVING_FOLDER = {
  of: (workspaceId: string): string => `${PREFIX}${workspaceId}`,
  workspaceOf: (name: string): string | null => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : null),
} as const;

export interface ListOptions {
  readonly runs: (folder: LaunchFolder) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** All that is in the folder of the provisioner. What is no workspace's is left out: nobody of ours made it. */
export async function findResources(
  directory: string,
  options: ListOptions,
): Promise<{ found: FoundResource[]; complete: boolean }> {
  const found: FoundResource[] = [];
  let complete = true;
  for (const name of await namesIn(directory)) {
    options.signal.throwIfAborted();
    try {
      found.push(...(await resourcesOf(directory, name, options)));
    } catch {
      complete = false;
    }
  }
  return { found, complete };
}

async function resourcesOf(directory: string, name: string, { runs }: ListOptions): Promise<FoundResource[]> {
  const removed = REMOVING_FOLDER.workspaceOf(name);
  const workspace = workspaceOf(directory, removed ?? name);
  if (workspace === null) return [];
  const { workspaceId } = workspace;
  const createdAt = (await stat(join(directory, name))).birthtimeMs;
  if (removed !== null) return [{ id: name, workspaceId, kind: 'other', launch: null, running: false, createdAt }];
  const found: FoundResource[] = [];
  if (await workspace.hasVolume()) {
    found.push({ id: name, workspaceId, kind: 'volume', launch: null, running: false, createdAt });
  }
  for (const folder of await workspace.launches()) {
    for (const part of PARTS) await boundLog(folder.file(`${part}.log`));
    const { launch } = folder;
    const since = (await readRecord(folder))?.createdAt ?? createdAt;
    const running = await runs(folder);
    found.push({ id: `${name}/launch-${launch}`, workspaceId, kind: 'container', launch, running, createdAt: since });
  }
  return found.length > 0 ? found : [{ id: name, workspaceId, kind: 'other', launch: null, running: false, createdAt }];
}

function workspaceOf(directory: string, name: string): WorkspaceFolder | null {
  try {
    return new WorkspaceFolder(directory, name);
  } catch {
    return null;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
