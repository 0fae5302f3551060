import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { cpuMicrosOf, memoryOf, parseStat, processTree, threadTimes } from './process-tree.js';

/** Works for a while, as a shell that waits for a child of its own, and says when. */
async function busyTree(): Promise<{ readonly pid: number; readonly end: () => Promise<void> }> {
  const burn = 'while (process.cpuUsage().user < 300_000); console.log("done"); process.stdin.resume()';
  const child = spawn('/bin/sh', ['-c', '"$0" -e "$1"; true', process.execPath, burn], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const end = async (): Promise<void> => {
    const exited = once(child, 'exit');
    child.stdin.end();
    await exited;
  };
  return { pid: child.pid ?? 0, end };
}

describe('a tree of processes', () => {
  it('reads a line whose name holds brackets and spaces', () => {
    const line = '42 (a) b (c)) S 7 42 42 0 -1 4194304 1 2 3 4 10 20 30 40 20 0 1 0 5 6 7';
    expect(parseStat(line)).toEqual({ pid: 42, parent: 7, cpuMicros: 1_000_000 });
  });

  it('counts the CPU of children, while they live and when they are gone', async () => {
    const tree = await busyTree();
    expect(processTree([tree.pid]).length).toBe(2);
    expect(cpuMicrosOf([tree.pid])).toBeGreaterThan(150_000);
    expect(memoryOf([tree.pid])).toBeGreaterThan(1 << 20);
    await tree.end();
    expect(cpuMicrosOf([tree.pid])).toBe(0);
  });

  it('counts a process once that is named twice', () => {
    expect(processTree([process.pid, process.pid]).filter(({ pid }) => pid === process.pid)).toHaveLength(1);
  });

  it('tells the thread that runs JavaScript from the others', () => {
    expect(threadTimes(process.pid).main).toBeGreaterThan(0);
  });
});
