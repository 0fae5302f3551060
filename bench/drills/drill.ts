// Kills each part of a running Aileron under load and checks what it promises. `pnpm drill`; docs of the options: --help.
import { drillTable, FOOTNOTES } from './drill-table.ts';
import { readOptions, USAGE, type DrillOptions } from './drill-options.ts';
import type { DrillRow } from './drill-row.ts';
import { runTarget } from './run-target.ts';

async function drill(options: DrillOptions): Promise<readonly DrillRow[]> {
  const note = (line: string): void => void process.stderr.write(`${line}\n`);
  const rows: DrillRow[] = [];
  for (const target of options.targets) rows.push(await runTarget(options, target, note));
  return rows;
}

function print(rows: readonly DrillRow[], { json, ...options }: DrillOptions): void {
  const broken = rows.flatMap((row) => row.broken.map((promise) => `${row.target}: ${promise}`));
  if (json) {
    console.log(JSON.stringify({ ok: broken.length === 0, ...options, rows, broken }, null, 2));
    return;
  }
  console.log(drillTable(rows));
  console.log('');
  for (const line of FOOTNOTES) console.log(line);
  for (const { target, audit } of rows)
    for (const { operation, marker, intentId, by, reached } of audit.unknown)
      console.log(
        `unknown: ${target}: ${operation} ${marker} ${intentId} (${by}), ${reached ? 'had arrived' : 'had not arrived'}`,
      );
  console.log('');
  for (const promise of broken) console.log(`BROKEN  ${promise}`);
  console.log(broken.length === 0 ? 'every promise held' : `${broken.length} promises broken`);
}

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(USAGE);
} else {
  const options = readOptions(args);
  const rows = await drill(options);
  print(rows, options);
  process.exitCode = rows.every(({ broken }) => broken.length === 0) ? 0 : 1;
}
