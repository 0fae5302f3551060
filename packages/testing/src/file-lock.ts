import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Does something while nobody else on this machine does it, with flock(1): the lock ends with its holder, however that ends. */
export async function underLock<T>(path: string, withinMs: number, work: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [path, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(holder.stdout, 'data', { signal: AbortSignal.timeout(withinMs) });
    return await work();
  } finally {
    holder.stdin.end();
  }
}
