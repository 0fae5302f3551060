import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PolicySource } from '@aileron/policy';
import { AileronError } from '@aileron/errors';

const MOST_FILES = 200;
const LONGEST_FILE_BYTES = 262_144;

/**
 * The administrator's own policies, `*.cedar`, by name. A folder that is not there holds none; one that cannot be read
 * is an error, never none.
 */
export async function readPolicyFiles(directory: string): Promise<PolicySource[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw invalid(directory, error);
  });
  const files = names.filter((name) => name.endsWith('.cedar')).toSorted();
  if (files.length > MOST_FILES) throw invalid(directory, new Error('too many files'));
  return Promise.all(files.map((name) => readPolicyFile(join(directory, name))));
}

async function readPolicyFile(path: string): Promise<PolicySource> {
  try {
    const { size } = await stat(path);
    if (size > LONGEST_FILE_BYTES) throw new Error('too large');
    const cedar = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    return { id: `home/${basename(path)}`, layer: 'platform', cedar };
  } catch (error) {
    throw invalid(path, error);
  }
}

function invalid(path: string, cause: unknown): AileronError {
  return new AileronError('POLICY_INVALID', { policy: path }, { cause });
}
