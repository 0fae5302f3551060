// Before the first test of a run: everything below this process, workers and their children, finds its own temporary folder.
import { tmpdir } from 'node:os';
import { makeTemporaryFolder } from './temporary-folder.ts';

export default async function begin(): Promise<void> {
  process.env['TMPDIR'] = await makeTemporaryFolder(tmpdir(), process.pid);
}
