import { ChildChannel } from '../machine/child-channel.js';
import type { Job, JobResult, Opening } from './job.js';

export type Generator = ChildChannel<Job, JobResult>;

export const startGenerator = (): Generator => new ChildChannel('generator/generator-process.js');

/** Work with connections that were opened for it beforehand. */
export async function withConnections<T>(
  generator: Generator,
  opening: Opening | null,
  work: () => Promise<T>,
): Promise<T> {
  if (opening === null) return work();
  await generator.ask({ job: 'open', ...opening });
  try {
    return await work();
  } finally {
    await generator.ask({ job: 'close' });
  }
}
