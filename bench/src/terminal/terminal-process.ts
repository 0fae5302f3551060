/**
 * What a terminal of a workspace carries, over gRPC as the manager has it: megabytes a second of usual lines, and the time from a
 * key to its echo, alone and beside a terminal that prints without end.
 *
 *   node dist/terminal/terminal-process.js [megabytes]
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '@aileron/config';
import { TerminalService } from '@aileron/contracts/grpc';
import { decodeByteFrame } from '@aileron/event-log';
import { type Client, createClient, GrpcTransport } from '@aileron/service-host';

const MAIN = fileURLToPath(new URL('../../../apps/workspace-terminal/dist/main.js', import.meta.url));
const LINE = 'a line of the usual length that a compiler or a test runner may print\n';
const KEYS = 300;
const BETWEEN_KEYS_MS = 10;
const DEADLINE_MS = 120_000;

type Terminals = Client<typeof TerminalService>;

const megabytes = Number(process.argv[2] ?? 50);
const folder = await mkdtemp(join(tmpdir(), 'aileron-terminal-bench-'));
const lines = join(folder, 'lines');
await writeFile(lines, LINE.repeat(Math.ceil((megabytes * 1e6) / LINE.length)));
const address = `unix:${join(folder, 'terminal.sock')}`;
const part = spawn(process.execPath, [MAIN], {
  env: inheritedEnvironment({
    AILERON_LISTEN: address,
    AILERON_LOG_LEVEL: 'error',
    AILERON_CONFIG: JSON.stringify({
      workspaceId: 'wsp_bench',
      command: ['/bin/bash', '--norc', '--noprofile'],
      workingDirectory: folder,
      environment: { PATH: '/usr/bin:/bin', PS1: '$ ' },
    }),
  }),
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const ready = await createInterface(part.stdout)[Symbol.asyncIterator]().next();
  const { version } = JSON.parse(String(ready.value)) as { version: string };
  const terminals = createClient(TerminalService, new GrpcTransport({ address }), { version });
  const throughput = await printed(terminals);
  const alone = await echoed(terminals, 'trm_alone');
  await terminals.openTerminal({ terminalId: 'trm_noise', title: '', columns: 120, rows: 30 });
  await type(terminals, 'trm_noise', `while :; do cat ${lines}; done\n`);
  const besideNoise = await echoed(terminals, 'trm_beside');
  process.stdout.write(`${JSON.stringify({ throughput, echo: { alone, besideNoise } }, null, 2)}\n`);
} finally {
  part.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function type(terminals: Terminals, terminalId: string, text: string): Promise<void> {
  await terminals.writeTerminal({ terminalId, data: Buffer.from(text) });
}

/** Output of a terminal as its reader gets it; a screen is what the reader was too slow for. */
async function* outputOf(terminals: Terminals, terminalId: string) {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for await (const { frame } of terminals.attachTerminal({ terminalId }, { signal })) {
    const delivery = decodeByteFrame(frame);
    if (delivery.type === 'snapshot') yield { output: delivery.snapshot, screen: true };
    if (delivery.type !== 'events') continue;
    for (const { event } of delivery.events) if (event[0] === 0) yield { output: event.subarray(1), screen: false };
  }
}

async function printed(terminals: Terminals) {
  const terminalId = 'trm_lines';
  await terminals.openTerminal({ terminalId, title: '', columns: 120, rows: 30 });
  const startedAt = performance.now();
  await type(terminals, terminalId, `cat ${lines}; echo over-$((1+1))\n`);
  let [seen, screens, end] = [0, 0, ''];
  for await (const { output, screen } of outputOf(terminals, terminalId)) {
    seen += output.length;
    screens += Number(screen);
    end = (end + Buffer.from(output.subarray(-100)).toString('latin1')).slice(-200);
    if (end.includes('over-2')) break;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await terminals.closeTerminal({ terminalId });
  const printedMegabytes = (megabytes * (LINE.length + 1)) / LINE.length;
  return { megabytesPerSecond: round(printedMegabytes / seconds), seenMegabytes: round(seen / 1e6), screens };
}

async function echoed(terminals: Terminals, terminalId: string) {
  await terminals.openTerminal({ terminalId, title: '', columns: 80, rows: 24 });
  const took: number[] = [];
  let [key, pressedAt] = ['', 0];
  const press = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_KEYS_MS));
    // A line that is done is thrown away (^U).
    key = String.fromCharCode(97 + (took.length % 26));
    pressedAt = performance.now();
    await type(terminals, terminalId, took.length % 60 === 59 ? `\u0015${key}` : key);
  };
  for await (const { output } of outputOf(terminals, terminalId)) {
    const text = Buffer.from(output).toString('latin1');
    if (key !== '' && !text.includes(key)) continue;
    if (key !== '') took.push(performance.now() - pressedAt);
    if (took.length === KEYS) break;
    key = '';
    await press();
  }
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
