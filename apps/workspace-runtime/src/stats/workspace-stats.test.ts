import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { WorkspaceStats } from './workspace-stats.js';

describe('what a workspace uses', () => {
  it('is read from its control group, processor time between two looks', async () => {
    const cgroup = await mkdtemp(join(tmpdir(), 'cgroup-'));
    let now = 1_000;
    const write = (name: string, text: string) => writeFile(join(cgroup, name), text);
    await write('cpu.stat', 'usage_usec 1000000\nuser_usec 1\n');
    await write('memory.current', '1048576\n');
    await write('memory.max', 'max\n');
    await write('pids.current', '7\n');
    const stats = new WorkspaceStats({ cgroup, directory: cgroup, now: () => now });
    expect(await stats.read()).toMatchObject({
      cpuPercent: 0,
      memoryBytes: 1_048_576,
      memoryLimitBytes: null,
      processes: 7,
    });
    now += 1_000;
    await write('cpu.stat', 'usage_usec 1500000\n');
    await write('memory.max', '2097152\n');
    expect(await stats.read()).toMatchObject({ cpuPercent: 50, memoryLimitBytes: 2_097_152 });
  });

  it('is the machine’s where there is no group of its own', async () => {
    const stats = new WorkspaceStats({ cgroup: null, directory: tmpdir(), now: () => Date.now() });
    const use = await stats.read();
    expect(use.memoryBytes).toBeGreaterThan(0);
    expect(use.memoryLimitBytes).toBeGreaterThan(use.memoryBytes);
    expect(use.processes).toBeGreaterThan(0);
    expect(use.diskBytes).toBeGreaterThan(0);
  });
});
