import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { AileronError } from '@aileron/errors';

/** sun_path of Linux less its NUL; macOS has 103. */
const MAX_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;
const PROBE_MS = 1_000;

/**
 * Makes the place for a Unix socket: its folder for this user only, and nothing left there by a process that was killed.
 * @throws AileronError HOME_PATH_TOO_LONG; PORT_IN_USE when somebody listens there; CONFLICT when it is no socket
 */
export async function prepareSocketPath(path: string): Promise<void> {
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_PATH_BYTES) throw new AileronError('HOME_PATH_TOO_LONG', { bytes, limit: MAX_PATH_BYTES });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await chmod(dirname(path), 0o700);
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket()) throw new AileronError('CONFLICT', { reason: 'not a socket' });
  if (await answers(path)) throw new AileronError('PORT_IN_USE', { path });
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', settle(true));
    socket.once('error', settle(false));
    socket.setTimeout(PROBE_MS, settle(true));
  });
}
