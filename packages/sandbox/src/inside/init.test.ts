import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const INIT = new URL('../../dist/inside/init.mjs', import.meta.url).pathname;
const CONTROL = 3;

it('starts nothing for a launcher that has gone before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'init-'));
  const ran = join(folder, 'ran');
  // A pipe whose other end nobody has is closed, as the launcher's is.
  const child = spawn(
    process.execPath,
    [INIT, String(CONTROL), '', '--', '/bin/sh', '-c', `echo > ${ran}; sleep 600`],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  child.stdio[CONTROL]?.destroy();
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).not.toBe(0);
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
}, 60_000);
