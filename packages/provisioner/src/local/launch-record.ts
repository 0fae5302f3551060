import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { HostProcess } from './host-process.js';
import type { LaunchFolder } from './workspace-folder.js';

const MAX_RECORD_CHARACTERS = 16_384;

/** What a manager that was started again must know of a launch. */
export const LaunchRecord = z.strictObject({
  version: z.literal(1),
  workspaceId: z.string(),
  launch: z.int().min(1),
  /** Null until it was started. */
  runtime: HostProcess.nullable(),
  terminal: HostProcess.nullable(),
  /** Control groups that hold everything that agents and shells start. */
  cgroups: z.array(z.string().max(4_096).startsWith('/sys/fs/cgroup/')).max(8),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
});
export type LaunchRecord = z.infer<typeof LaunchRecord>;

/** Null where there is none, and where it is broken: then nothing is known of the launch. */
export async function readRecord(folder: LaunchFolder): Promise<LaunchRecord | null> {
  try {
    const text = await readFile(folder.file('record.json'), 'utf8');
    return text.length > MAX_RECORD_CHARACTERS ? null : LaunchRecord.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Whole or not at all. */
export async function writeRecord(folder: LaunchFolder, record: LaunchRecord): Promise<void> {
  const path = folder.file('record.json');
  await writeFile(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
