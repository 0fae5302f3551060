import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openPty, type Pty } from './pty.js';

jest.setTimeout(240_000);

const PIECE = 64 << 10;
let directory: string;
const ptys: Pty[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pty-'));
});
afterEach(async () => {
  for (const pty of ptys.splice(0)) pty.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

/** A shell that runs a script, and what it has said. */
function run(script: string): { readonly pty: Pty; said(text: string): Promise<void> } {
  const environment = { PATH: '/usr/bin:/bin' };
  const size = { columns: 80, rows: 24 };
  const pty = openPty({ command: ['/bin/bash', '-c', script], workingDirectory: directory, environment, ...size });
  ptys.push(pty);
  let output = '';
  pty.onData((data) => (output += data.toString('latin1')));
  const said = async (text: string): Promise<void> => {
    for (let looks = 0; !output.includes(text); looks += 1) {
      if (looks > 5_000) throw new Error(`${text} was not said: ${output.slice(-500)}`);
      await delay(20);
    }
  };
  return { pty, said };
}

describe('what is typed into a program that does not read', () => {
  it('waits up to a bound and holds nobody up, and reaches the program whole when it reads', async () => {
    const { pty, said } = run(
      'stty raw -echo; echo ready; until [ -e count ]; do sleep 0.1; done; head -c "$(cat count)" | sha256sum',
    );
    await said('ready');
    const pieces: Buffer[] = [];
    while (pty.input.hasRoom(PIECE)) {
      const piece = Buffer.alloc(PIECE, `${pieces.length} is typed;`);
      pieces.push(piece);
      pty.input.write(piece);
    }
    const typed = Buffer.concat(pieces);
    expect(typed.length).toBeGreaterThanOrEqual(pty.input.limitBytes - PIECE);
    const other = run('read -r line; echo "it said $line"');
    other.pty.input.write(Buffer.from('hello\r'));
    await other.said('it said hello');
    await writeFile(join(directory, 'count.new'), String(typed.length));
    await rename(join(directory, 'count.new'), join(directory, 'count'));
    await said(createHash('sha256').update(typed).digest('hex'));
    expect(pty.input.hasRoom(pty.input.limitBytes)).toBe(true);
  });

  it('is dropped with a program that ends', async () => {
    const { pty, said } = run('stty raw -echo; echo ready; until [ -e end ]; do sleep 0.1; done');
    const ended = new Promise<void>((resolve) => pty.onExit(() => resolve()));
    await said('ready');
    while (pty.input.hasRoom(PIECE)) pty.input.write(Buffer.alloc(PIECE, 'x'));
    await writeFile(join(directory, 'end'), '');
    await ended;
    for (let looks = 0; looks < 5_000 && !pty.input.hasRoom(pty.input.limitBytes); looks += 1) await delay(20);
    expect(pty.input.hasRoom(pty.input.limitBytes)).toBe(true);
  });
});
