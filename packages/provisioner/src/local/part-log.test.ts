import { appendFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { boundLog, readTail } from './part-log.js';

describe('the log of a part', () => {
  let path = '';

  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'aileron-log-')), 'part.log');
  });
  afterEach(() => rm(join(path, '..'), { recursive: true, force: true }));

  it('is read whole while it is short, and by its last whole lines after that', async () => {
    expect(await readTail(path)).toBe('');
    await writeFile(path, 'one\ntwo\n');
    expect(await readTail(path)).toBe('one\ntwo\n');
    for (let line = 0; line < 100; line += 1) await appendFile(path, `${line} ${'x'.repeat(1_000)}\n`);
    const tail = await readTail(path);
    expect(tail.length).toBeLessThanOrEqual(65_536);
    expect(tail).toMatch(/^\d+ x+\n/);
    expect(tail.endsWith(`99 ${'x'.repeat(1_000)}\n`)).toBe(true);
  });

  it('is emptied when it grew too long', async () => {
    await writeFile(path, 'short');
    await boundLog(path);
    expect(await readTail(path)).toBe('short');
    await writeFile(path, Buffer.alloc((8 << 20) + 1));
    await boundLog(path);
    expect((await stat(path)).size).toBe(0);
    await boundLog(join(path, '../missing'));
  });
});
