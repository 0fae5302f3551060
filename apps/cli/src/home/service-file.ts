import { z } from 'zod';
import { AileronError } from '@aileron/errors';
import { lockHolder } from './home-lock.js';
import type { Home } from './home.js';
import { readJsonFile } from './private-file.js';

/** service.json: how to reach the running service of a home. It holds the local token, so it is 0600. */
export const ServiceFile = z.strictObject({
  pid: z.int(),
  version: z.string(),
  url: z.url(),
  token: z.string().min(32),
  startedAt: z.iso.datetime(),
  /** Of the page; null where it is not served. */
  page: z.url().nullable(),
  /** Of workspace-manager; null where no workspaces are managed. */
  workspaces: z.url().nullable(),
  /** What runs for this home; one of them may be started anew, and then has another number. */
  processes: z.array(z.strictObject({ service: z.string().max(64), pid: z.int(), ops: z.url().nullable() })).max(16),
});
export type ServiceProcess = ServiceFile['processes'][number];
export type ServiceFile = z.infer<typeof ServiceFile>;

/** The running service, or undefined: a file whose process is gone does not count. */
export function findService(home: Home): ServiceFile | undefined {
  const pid = lockHolder(home.lockFile);
  if (pid === undefined) return undefined;
  const file = readJsonFile(home.serviceFile, ServiceFile);
  return file?.pid === pid ? file : undefined;
}

/** @throws AileronError SERVICE_NOT_RUNNING */
export function requireService(home: Home): ServiceFile {
  const file = findService(home);
  if (!file) throw new AileronError('SERVICE_NOT_RUNNING', { home: home.root });
  return file;
}
