/**
 * What a terminal of a workspace carries, beside node-pty over a bare socket: megabytes a second of usual lines, and the time
 * from a key to its echo, alone and beside a terminal that prints without end.
 *
 *   node dist/terminal/terminal-process.js [megabytes] [node options of the service]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareTerminals } from './bare-terminal.js';
import { measureTerminal, writeLines } from './measure-terminal.js';
import { serviceTerminals } from './service-terminal.js';

const [, , megabytes = '50', ...nodeOptions] = process.argv;
const folder = await mkdtemp(join(tmpdir(), 'aileron-terminal-bench-'));
const amounts = { megabytes: Number(megabytes), rounds: 3, keys: 300 };
try {
  writeLines(folder, amounts.megabytes);
  for (const start of [bareTerminals, serviceTerminals]) {
    const way = await start(folder, nodeOptions);
    try {
      process.stdout.write(`${JSON.stringify(await measureTerminal(way, { folder, amounts }), null, 2)}\n`);
    } finally {
      await way.close();
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit();
