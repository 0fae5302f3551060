import type { CombinationRow } from './run-combination.ts';

type Column = readonly [title: string, cell: (row: CombinationRow) => string];

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const counts = (all: Readonly<Record<string, number>>): string =>
  Object.entries(all)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || '-';

const COLUMNS: readonly Column[] = [
  ['provisioner', ({ provisioner }) => provisioner],
  ['queue', ({ queue }) => queue],
  ['operations', ({ operations }) => String(operations)],
  ['accepted', ({ accepted }) => String(accepted)],
  ['in', ({ seconds: all }) => `${all} s`],
  ['workspaces', ({ workspaces }) => String(workspaces)],
  ['kills', ({ kills }) => String(Object.values(kills).reduce((sum, count) => sum + count, 0))],
  ['stuck', ({ stuck }) => String(stuck.length)],
  ['latest', ({ worstLateMs }) => seconds(worstLateMs)],
  ['data kept', ({ kept, saved }) => `${kept} of ${saved}`],
  ['orphans', ({ ending }) => String(ending.orphans.length)],
  ['clean after', ({ ending }) => (ending.cleanMs === null ? 'never' : seconds(ending.cleanMs))],
];

export function table(rows: readonly CombinationRow[]): string {
  const cells = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0], widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n');
}

export const FOOTNOTES: readonly string[] = [
  'stuck: operations that went on more than 5 s past their deadline, whatever was killed.',
  'latest: how long after it was due the latest thing happened (a retry, a lost worker, a silent runtime), with the database and a manager up for 5 s; more than 5 s breaks the promise.',
  'data kept: reads that found what had been written before a stop, a restart or a rebuild, of all writes. clean after: from the last deletion to nothing left.',
];

/** What else is worth knowing of a row. */
export function details(row: CombinationRow): string[] {
  const { provisioner, queue, took, refused, kills, failures, ending } = row;
  const durations = Object.entries(took).map(
    ([kind, { count, p50, most }]) => `${kind} ${count} (${seconds(p50)}, at most ${seconds(most)})`,
  );
  return [
    `${provisioner} on ${queue}:`,
    `  kills      ${counts(kills)}`,
    `  refused    ${counts(refused)}`,
    `  took       ${durations.join(', ')}`,
    `  failed     ${counts(failures)}`,
    `  at the end ${ending.alive} workspaces, settled after ${seconds(ending.settledMs)}, deleted after ${seconds(ending.deletedMs)}`,
    ...(ending.ofEngine === 0
      ? []
      : [`  engine     left ${ending.ofEngine} processes of containers that it never started`]),
  ];
}
