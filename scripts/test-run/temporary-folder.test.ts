import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedPostgres, homeDatabaseDirectory } from '../../packages/database/dist/index.js';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'parent-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const leave = (pid: number): string => {
  const folder = join(parent, `ajt-${pid.toString(36)}`);
  mkdirSync(join(folder, 'home'), { recursive: true });
  writeFileSync(join(folder, 'home', 'file'), 'left');
  return folder;
};

describe('the temporary folder of a test run', () => {
  it('is the one these tests run in', () => {
    expect(tmpdir()).toMatch(/\/ajt-[0-9a-z]+$/);
  });

  it('is made empty, and is gone after the run', async () => {
    const left = leave(process.pid);
    const folder = await makeTemporaryFolder(parent, process.pid);
    expect(folder).toBe(left);
    expect(existsSync(join(folder, 'home'))).toBe(false);
    leave(process.pid);
    await removeTemporaryFolder(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('takes away what a killed run left, and nothing of a run that is alive or of somebody else', async () => {
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    const ofDead = leave(dead);
    const ofAlive = leave(process.ppid);
    const foreign = join(parent, 'ajt-of-somebody-else');
    mkdirSync(foreign);
    await makeTemporaryFolder(parent, process.pid);
    expect([ofDead, ofAlive, foreign].map((path) => existsSync(path))).toEqual([false, true, true]);
  });

  it('does not follow what somebody put there under the name of a dead run', async () => {
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    const elsewhere = join(parent, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'file'), 'kept');
    const link = join(parent, `ajt-${dead.toString(36)}`);
    symlinkSync(elsewhere, link);
    await makeTemporaryFolder(parent, process.pid);
    expect(existsSync(join(elsewhere, 'file'))).toBe(true);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  it('takes the databases of its homes along, which may run still', async () => {
    const home = join(leave(process.pid), 'home');
    const server = await EmbeddedPostgres.start({ home, durable: false, supervise: false });
    const data = await homeDatabaseDirectory(home);
    expect(existsSync(data)).toBe(true);
    const pid = server.pid!;
    await removeTemporaryFolder(dirname(home));
    expect(existsSync(data)).toBe(false);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
