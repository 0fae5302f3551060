import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../testing/running-workspace.js';
import {
  identify,
  isRunning,
  namedInCommandLine,
  signalTo,
  withDescendants,
  type HostProcess,
} from './host-process.js';

describe('a process of the host', () => {
  const children = new Set<ChildProcess>();
  const start = async (...argv: [string, ...string[]]): Promise<[ChildProcess, HostProcess]> => {
    const child = spawn(argv[0], argv.slice(1), { stdio: 'ignore' });
    children.add(child);
    await once(child, 'spawn');
    const process = identify(child.pid ?? 0);
    if (process === null) throw new Error('it ended at once');
    return [child, process];
  };
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });

  it('is the one that was started, until it ends', async () => {
    const [child, process] = await start('sleep', '600');
    expect(isRunning(process)).toBe(true);
    signalTo(process, 'SIGKILL');
    await once(child, 'exit');
    expect(isRunning(process)).toBe(false);
    expect(identify(process.pid)).toBeNull();
  });

  it('is never another that has its number by now, or had it before the machine was started', async () => {
    const [child, process] = await start('sleep', '600');
    const others = [
      { ...process, startedAt: String(Number(process.startedAt) - 1) },
      { ...process, bootId: '00000000-0000-0000-0000-000000000000' },
    ];
    for (const other of others) {
      expect(isRunning(other)).toBe(false);
      signalTo(other, 'SIGKILL');
      expect(withDescendants([other])).toEqual([]);
    }
    expect(child.exitCode).toBeNull();
    expect(isRunning(process)).toBe(true);
  });

  it('is found with all that it started, by what is in a command line as a whole argument', async () => {
    const [, process] = await start('sh', '-c', 'sleep 601 & sleep 602 & wait', 'a-name-of-a-test');
    const family = await until('its children', () => {
      const all = withDescendants([process]);
      return all.length === 3 ? all : null;
    });
    expect(family[0]).toEqual(process);
    expect(namedInCommandLine('a-name-of-a-test')).toEqual([process]);
    expect(namedInCommandLine('a-name-of')).toEqual([]);
    for (const each of family) signalTo(each, 'SIGKILL');
  });
});
