import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import { bundlePem } from '@aileron/tls';
import { writeWholeFile } from './private-files.js';

/** sun_path of Linux holds 108 bytes with its NUL; of macOS 104. */
const MAX_SOCKET_PATH_BYTES = 103;

/** The folder of a session is the same after a restart: its sandbox has it mounted. */
export function runtimeDirectoryOf(socketRoot: string, session: { tenantId: string; sessionId: string }): string {
  const name = createHash('sha256').update(`${session.tenantId}\0${session.sessionId}`).digest('hex').slice(0, 16);
  return join(socketRoot, name);
}

export const socketPathOf = (runtimeDirectory: string): string => join(runtimeDirectory, 'proxy.sock');

/** HOME_PATH_TOO_LONG when the socket's path would not fit. */
export function assertSocketPathFits(socketRoot: string): void {
  const path = socketPathOf(runtimeDirectoryOf(socketRoot, { tenantId: '', sessionId: '' }));
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_SOCKET_PATH_BYTES) {
    throw new AileronError('HOME_PATH_TOO_LONG', { path: socketRoot, tooLongBy: bytes - MAX_SOCKET_PATH_BYTES });
  }
}

/** `ca.pem`: this session's authority first, then the public ones, for hosts that are passed through. */
export async function writeTrustBundle(runtimeDirectory: string, certificatePem: string): Promise<void> {
  await writeWholeFile(join(runtimeDirectory, 'ca.pem'), bundlePem({ certificatePem }), 0o600);
}

export async function removeRuntimeDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
