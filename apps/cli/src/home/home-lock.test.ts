import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { HomeLock, lockHolder } from './home-lock.js';

describe('the lock of a home', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'));
    path = join(folder, 'service.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is held by one, and names the holder to the second', () => {
    const lock = HomeLock.acquire(path);
    expect(lockHolder(path)).toBe(process.pid);
    let refusal: unknown;
    try {
      HomeLock.acquire(path);
    } catch (error) {
      refusal = error;
    }
    expect(AileronError.is(refusal, 'HOME_IN_USE') && refusal.details['pid']).toBe(process.pid);
    lock.release();
    expect(lockHolder(path)).toBeUndefined();
  });

  it('is free again when its holder was killed', () => {
    const { pid } = spawnSync('true');
    writeFileSync(path, `${pid} 12345`);
    const lock = HomeLock.acquire(path);
    expect(lockHolder(path)).toBe(process.pid);
    lock.release();
  });

  it('is not held by another process that got the same process id', () => {
    writeFileSync(path, `${process.pid} 1`);
    expect(lockHolder(path)).toBeUndefined();
    HomeLock.acquire(path).release();
  });

  it.each(['', 'nonsense', '-1 0', '99999999999999999999 1'])('is free when it holds %o', (content) => {
    writeFileSync(path, content);
    HomeLock.acquire(path).release();
  });
});
