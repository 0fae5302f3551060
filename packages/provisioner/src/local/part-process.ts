import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { AileronError } from '@aileron/errors';
import { identify, type HostProcess } from './host-process.js';
import type { LaunchFolder, PartName } from './workspace-folder.js';

export interface PartProgram {
  readonly nodePath: string;
  readonly main: string;
}

/** The argument that only this part of this launch has in its command line. */
export const listenArgument = (folder: LaunchFolder, part: PartName): string => `unix:${folder.file(`${part}.sock`)}`;

/** Starts a part in a session of its own: it goes on when the manager ends. Its output goes to its log. */
export async function startPart(folder: LaunchFolder, part: PartName, program: PartProgram): Promise<HostProcess> {
  await using log = await open(folder.file(`${part}.log`), 'a', 0o600);
  const child = spawn(program.nodePath, [program.main, '--listen', listenArgument(folder, part)], {
    cwd: '/',
    detached: true,
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: '/nonexistent',
      AILERON_CONFIG_FILE: folder.file(`${part}.json`),
    },
    stdio: ['ignore', log.fd, log.fd],
  });
  child.unref();
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new AileronError('LAUNCH_FAILED', { part, reason: 'Its program does not start.' }, { cause });
  }
  const started = child.pid === undefined ? null : identify(child.pid);
  if (started === null) throw await partEnded(folder, part);
  return started;
}

/** With what the part said last, for people. */
export async function partEnded(folder: LaunchFolder, part: PartName): Promise<AileronError> {
  const lines = (await readFile(folder.file(`${part}.log`), 'utf8').catch(() => '')).trim().split('\n');
  const reason = `The ${part} ended at its start: ${(lines.at(-1) ?? '').slice(-500)}`;
  return new AileronError('LAUNCH_FAILED', { part, reason }, { cause: new Error(reason) });
}
