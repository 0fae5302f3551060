// Random lives of workspaces under faults, on both provisioners and both queues. `pnpm drill:workspaces`, see ../README.md.
import { availableParallelism, loadavg } from 'node:os';
import { inspect } from 'node:util';
import { DockerPart } from './docker-part.ts';
import { readOptions, USAGE, type Combination, type WorkspaceDrillOptions } from './options.ts';
import { runCombination, type CombinationRow } from './run-combination.ts';
import { details, FOOTNOTES, table } from './table.ts';
import { WorkspacePlane } from './workspace-plane.ts';

const note = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
let docker: DockerPart | null = null;
const load = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10;

async function runOne(combination: Combination, options: WorkspaceDrillOptions): Promise<CombinationRow> {
  const { provisioner, queue, operations, seed } = combination;
  note(`${provisioner} on ${queue}: ${operations} operations, seed ${seed}`);
  const plane = await WorkspacePlane.open(combination, provisioner === 'docker' ? docker : null);
  try {
    const row = await runCombination(plane, options, (line) => note(`${provisioner}/${queue} ${line}`));
    for (const broken of row.broken) note(`${provisioner}/${queue} BROKEN ${broken}`);
    return row;
  } catch (error) {
    note(plane.logs.slice(-4_000));
    throw error;
  } finally {
    await plane.close();
  }
}

interface Drilled {
  readonly rows: readonly CombinationRow[];
  /** Every promise that was broken, and every combination that could not be drilled to its end. */
  readonly broken: readonly string[];
}

async function run(options: WorkspaceDrillOptions): Promise<Drilled> {
  const rows: CombinationRow[] = [];
  const broken: string[] = [];
  for (const combination of options.combinations) {
    const name = `${combination.provisioner}/${combination.queue}`;
    try {
      if (combination.provisioner === 'docker' && docker === null) {
        note('starts an engine, and builds the image');
        docker = await DockerPart.open();
      }
      const row = await runOne(combination, options);
      rows.push(row);
      broken.push(...row.broken.map((each) => `${name} ${each}`));
    } catch (error) {
      note(inspect(error));
      broken.push(`${name} was not drilled to its end: ${String(error).slice(0, 300)}`);
    }
  }
  await docker?.destroy();
  return { rows, broken };
}

function print({ rows, broken }: Drilled, options: WorkspaceDrillOptions, loadBefore: number): void {
  const machine = { cores: availableParallelism(), loadBefore, loadAfter: load() };
  if (options.json) {
    console.log(JSON.stringify({ ok: broken.length === 0, seed: options.seed, machine, rows, broken }, null, 2));
    return;
  }
  const { cores, loadAfter } = machine;
  const lines = [
    table(rows),
    '',
    `seed ${options.seed}; ${cores} cores, load ${loadBefore} before and ${loadAfter} after`,
    ...FOOTNOTES,
    '',
    ...rows.flatMap(details),
    '',
    ...broken.map((each) => `BROKEN  ${each}`),
    broken.length === 0 ? 'every promise held' : `${broken.length} promises broken`,
  ];
  console.log(lines.join('\n'));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void WorkspacePlane.closeAll()
      .then(() => docker?.destroy())
      .finally(() => process.exit(130));
  });
}
const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(USAGE);
} else {
  const options = readOptions(args);
  const loadBefore = load();
  const drilled = await run(options);
  print(drilled, options, loadBefore);
  process.exitCode = drilled.broken.length === 0 ? 0 : 1;
}
