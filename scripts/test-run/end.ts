// After the last test of a run.
import { tmpdir } from 'node:os';
import { removeTemporaryFolder } from './temporary-folder.ts';

export default async function end(): Promise<void> {
  await removeTemporaryFolder(tmpdir());
}
