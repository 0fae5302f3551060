import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findServerBinaries, SYSTEM_FOLDER } from './server-binaries.js';

let folder: string;
let packaged: string;
const version = randomUUID();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aileron-binaries-'));
  packaged = join(folder, 'package/native');
  await mkdir(join(packaged, 'bin'), { recursive: true });
  await writeFile(join(packaged, 'bin/postgres'), '', { mode: 0o755 });
  await writeFile(join(folder, 'package/package.json'), JSON.stringify({ version }));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('findServerBinaries', () => {
  it('finds those of the package, psql not among them', async () => {
    const { postgres, initdb } = await findServerBinaries(null);
    for (const file of [postgres, initdb]) expect((await stat(file)).mode & 0o111).not.toBe(0);
    await expect(stat(join(postgres, '../psql'))).rejects.toThrow('ENOENT');
  });

  it('uses the package in place when the server runs as ourselves', async () => {
    expect((await findServerBinaries(null, packaged)).postgres).toBe(join(packaged, 'bin/postgres'));
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  asRoot('copies them once to where the server’s user can read, when the checkout is in a 0700 folder', async () => {
    const account = { uid: 65_534, gid: 65_534 };
    try {
      const { postgres } = await findServerBinaries(account, packaged);
      expect(postgres.startsWith(join(SYSTEM_FOLDER, `postgres-${version}`))).toBe(true);
      const { ino } = await stat(postgres);
      expect((await findServerBinaries(account, packaged)).postgres).toBe(postgres);
      expect((await stat(postgres)).ino).toBe(ino);
    } finally {
      await rm(join(SYSTEM_FOLDER, `postgres-${version}-${process.arch}`), { recursive: true, force: true });
    }
  });
});
