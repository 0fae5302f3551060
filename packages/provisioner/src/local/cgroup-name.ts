import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { LaunchFolder } from './workspace-folder.js';

/** Another home on this machine can have a workspace and a launch of the same names, and not the same folder. */
export async function cgroupNameOf(folder: LaunchFolder): Promise<string> {
  const { ino } = await stat(folder.path, { bigint: true });
  return `aileron-${basename(dirname(folder.path))}-${basename(folder.path)}-${ino}`;
}
