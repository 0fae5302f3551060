// Kills each part of a running Aileron under load and checks what it promises. `pnpm drill`, see README.md.
import { availableParallelism, loadavg } from 'node:os';
import { DrillHome } from './drill-home.ts';
import { readOptions, USAGE, type DrillOptions } from './drill-options.ts';
import type { DrillRow } from './drill-row.ts';
import { drillTable, FOOTNOTES, unknownOutcomes } from './drill-table.ts';
import { runTarget } from './run-target.ts';

interface Drilled {
  readonly rows: readonly DrillRow[];
  /** Who else works on this machine makes everything late. */
  readonly machine: { readonly cores: number; readonly loadBefore: number; readonly loadAfter: number };
}

const load = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10;

async function drill(options: DrillOptions): Promise<Drilled> {
  const note = (line: string): void => void process.stderr.write(`${line}\n`);
  const loadBefore = load();
  const rows: DrillRow[] = [];
  for (const target of options.targets) rows.push(await runTarget(options, target, note));
  return { rows, machine: { cores: availableParallelism(), loadBefore, loadAfter: load() } };
}

function print({ rows, machine }: Drilled, { json, ...options }: DrillOptions): void {
  const broken = rows.flatMap((row) => row.broken.map((promise) => `${row.target}: ${promise}`));
  if (json) {
    console.log(JSON.stringify({ ok: broken.length === 0, ...options, machine, rows, broken }, null, 2));
    return;
  }
  const { topology, seconds, rate, seed } = options;
  const { cores, loadBefore, loadAfter } = machine;
  const lines = [
    drillTable(rows),
    '',
    `${topology}, ${seconds} s each at ${rate} requests a second, seed ${seed}; ${cores} cores, load ${loadBefore} before and ${loadAfter} after`,
    ...FOOTNOTES,
    ...unknownOutcomes(rows),
    '',
    ...broken.map((promise) => `BROKEN  ${promise}`),
    broken.length === 0 ? 'every promise held' : `${broken.length} promises broken`,
  ];
  console.log(lines.join('\n'));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void DrillHome.removeAll().finally(() => process.exit(130)));
}
const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(USAGE);
} else {
  const options = readOptions(args);
  const drilled = await drill(options);
  print(drilled, options);
  process.exitCode = drilled.rows.every(({ broken }) => broken.length === 0) ? 0 : 1;
}
