import { AileronError } from '@aileron/errors';

export const LABELS = {
  /** The home that made it: no other one touches it. */
  home: 'dev.aileron.home',
  workspace: 'dev.aileron.workspace',
  launch: 'dev.aileron.launch',
  /** Of an image: the agreement between it and the provisioner that it was made for. */
  contract: 'dev.aileron.workspace.contract',
} as const;

/** The agreement that this provisioner keeps with its images. */
export const IMAGE_CONTRACT = '2';

export const isWorkspaceId = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text);

/** The names of what belongs to one workspace. @throws AileronError INVALID_ARGUMENT for an id that is no name */
export function resourceNames(homeId: string, workspaceId: string) {
  if (!isWorkspaceId(workspaceId)) {
    throw new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'workspaceId', message: 'is not an id' }] });
  }
  const container = `aileron-${homeId}-${workspaceId}`;
  return { container, volumes: { project: `${container}-project`, home: `${container}-home` } } as const;
}

/** The token of a label; null when it has none, or what is no token. */
export function launchOf(labels: Readonly<Record<string, string>> | null | undefined): number | null {
  const text = labels?.[LABELS.launch];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
