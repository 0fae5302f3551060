import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundResource } from '@aileron/lifecycle';
import type { DockerEngine } from './docker-engine.js';
import { isWorkspaceId, LABELS, launchOf, resourceNames } from './resource-names.js';

type Listing = { readonly found: readonly FoundResource[]; readonly complete: boolean };

export interface ResourceScope {
  readonly engine: DockerEngine;
  readonly homeId: string;
  readonly directory: string;
}

/** Everything of this home: its containers, its volumes, and folders of launches. */
export async function listResources(scope: ResourceScope, signal: AbortSignal): Promise<Listing> {
  const label = [`${LABELS.home}=${scope.homeId}`];
  const { docker } = scope.engine;
  const containers = await scope.engine.call(signal, (abortSignal) =>
    docker.listContainers({ all: true, filters: { label }, abortSignal }),
  );
  const volumes = await scope.engine.call(signal, (abortSignal) =>
    docker.listVolumes({ filters: { label }, abortSignal }),
  );
  const found: FoundResource[] = [];
  for (const { Id, Labels, State, Created } of containers) {
    const workspaceId = Labels[LABELS.workspace];
    if (workspaceId === undefined) continue;
    const running = State === 'running' || State === 'paused' || State === 'restarting';
    const launch = launchOf(Labels);
    found.push({ id: `container/${Id}`, workspaceId, kind: 'container', launch, running, createdAt: Created * 1_000 });
  }
  const present = new Set(volumes.Volumes.map(({ Name }) => Name));
  for (const volume of volumes.Volumes) {
    const workspaceId = volume.Labels[LABELS.workspace];
    if (workspaceId === undefined) continue;
    // One without the other is what a removal left, or a loss: no volume that a workspace can run on.
    const whole = Object.values(resourceNames(scope.homeId, workspaceId).volumes).every((name) => present.has(name));
    const createdAt = Date.parse((volume as { CreatedAt?: string }).CreatedAt ?? '') || 0;
    const kind = whole ? 'volume' : 'other';
    found.push({ id: `volume/${volume.Name}`, workspaceId, kind, launch: null, running: false, createdAt });
  }
  const owners = new Set(found.map(({ workspaceId }) => workspaceId));
  const folders = await launchFolders(scope.directory);
  found.push(...folders.filter(({ workspaceId }) => !owners.has(workspaceId)));
  return { found, complete: (volumes.Warnings ?? []).length === 0 };
}

/** Removes what `listResources` named, if it is still of this home. */
export async function removeListed(
  scope: ResourceScope,
  resource: FoundResource,
  signal: AbortSignal,
): Promise<boolean> {
  const [kind, name] = resource.id.split('/');
  if (name === undefined) return false;
  if (kind === 'container') {
    const container = await scope.engine.container(name, signal);
    if (container?.Config.Labels[LABELS.home] !== scope.homeId) return false;
    await scope.engine.removeContainer(container.Id, signal);
    return true;
  }
  if (kind !== 'volume') return false;
  const volume = await scope.engine.volume(name, signal);
  if (volume?.Labels[LABELS.home] !== scope.homeId) return false;
  await scope.engine.removeVolume(name, signal);
  return true;
}

async function launchFolders(directory: string): Promise<FoundResource[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && isWorkspaceId(entry.name));
  return Promise.all(
    folders.map(async ({ name }) => {
      const createdAt = await stat(workspaceFolder(directory, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      return {
        id: `folder/${name}`,
        workspaceId: name,
        kind: 'other',
        launch: null,
        running: false,
        createdAt,
      } as const;
    }),
  );
}

/** All launches of one workspace. */
export const workspaceFolder = (directory: string, workspaceId: string): string => join(directory, workspaceId);
