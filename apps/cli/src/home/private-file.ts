import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { AileronError } from '@aileron/errors';
import type { z } from 'zod';
import { systemErrorCode } from './system-error.js';

/** Writes a whole file, readable by its owner only: readers see the old content or the new, never a part. */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeSync(file, content as Uint8Array);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new AileronError('HOME_UNWRITABLE', { file: path }, { cause });
  }
}

/** Reads a JSON file of ours; undefined when it is not there. A broken one is refused with its name, never replaced. */
export function readJsonFile<T>(path: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return undefined;
    throw new AileronError('HOME_UNWRITABLE', { file: path }, { cause });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AileronError(
      'CONFIG_INVALID',
      { fields: [{ field: path, message: 'is not a file of Aileron: restore or remove it' }] },
      { cause },
    );
  }
}
