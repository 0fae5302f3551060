import type { ContestantName } from '../contestants/contestant.js';
import type { BenchResult } from '../measure/bench-result.js';
import type { ContestantResult } from '../measure/measurement.js';
import { WORKLOADS, type Workload } from '../measure/workloads.js';
import type { ProfiledPart } from '../profile/call-profile.js';
import { markdownTable, megabytes, shown } from './markdown-table.js';
import { rowsOf, summarise, timesSquid, type Summary } from './summary.js';

/** The whole result as Markdown. */
export function renderReport(result: BenchResult): string {
  return [
    facts(result),
    '### Calls of 1 KiB, keep-alive',
    calls(result),
    '### A stream of 500 events, one each 2 ms, four at a time',
    streams(result),
    '### A cold tunnel: connect, CONNECT, a new leaf, both handshakes, first answer',
    coldTunnels(result),
    '### 10 MiB',
    transfers(result),
    '### Memory, MB (pages that several processes share count once)',
    memory(result),
    ...eventLoops(result),
    ...micro(result),
    ...profiles(result),
  ].join('\n\n');
}

function facts(result: BenchResult): string {
  const { at, commit, seed, rounds, short, machine, contestants, skipped, failures, generatorCheck } = result;
  const { cpu, cores, memoryBytes, kernel, node, loadBefore, loadAfter } = machine;
  const lines = [
    `Commit ${commit}, ${at}, seed ${seed}, ${rounds} rounds${short ? ', **short: shows that it runs, measures nothing**' : ''}.`,
    `${cores} × ${cpu}, ${Math.round(memoryBytes / 2 ** 30)} GiB, Linux ${kernel}, Node ${node}; load average ${shown(loadBefore)} before, ${shown(loadAfter)} after.`,
    `Contestants: ${contestants.map(({ version }) => version).join('; ')}.`,
    ...skipped.map(({ name, reason }) => `${name} was left out: ${reason}.`),
  ];
  for (const [what, turns] of Map.groupBy(failures, ({ contestant, workload }) => `${contestant} ${workload}`))
    lines.push(`Broke off and was taken again: ${what}, ${turns.length} × (${turns[0]?.reason}).`);
  if (generatorCheck !== null) {
    const { contestant, hey, ours } = generatorCheck;
    lines.push(
      `Check of the generator on ${contestant}: under hey ${shown(hey.perSecond)} req/s at ${shown(hey.cpuMicrosPerRequest)} µs each, under ours ${shown(ours.perSecond)} at ${shown(ours.cpuMicrosPerRequest)}.`,
    );
  }
  return lines.join('  \n');
}

/** A row for each contestant; a line that says so where one was left out. */
function tableOf(
  result: BenchResult,
  head: readonly string[],
  row: (name: ContestantName) => readonly (string | null)[],
): string {
  const rows = rowsOf(result).map((name) => {
    const skipped = result.skipped.find((one) => one.name === name);
    const cells = skipped ? head.slice(1).map(() => 'left out') : row(name).map((cell) => cell ?? '–');
    return [name, ...cells];
  });
  return markdownTable(head, rows);
}

const figure = (summary: Summary | null, name: keyof Summary): string => shown(summary?.[name] ?? Number.NaN);
const ratio = (result: BenchResult, name: ContestantName, workload: Workload): string =>
  name === 'direct' ? '–' : shown(timesSquid(result, name, workload));
const cpu = (summary: Summary | null, divisor = 1): string =>
  shown(summary?.cpuMicros ? summary.cpuMicros / divisor : Number.NaN);

function calls(result: BenchResult): string {
  const head = ['', 'GraphQL req/s', 'CPU µs/req', '× squid', 'paced: CPU µs/req', '+p50 ms', '+p99 ms'];
  const rest = ['REST req/s', 'CPU µs/req', '× squid', 'paced: CPU µs/req', '+p50 ms', '+p99 ms'];
  return tableOf(result, [...head, ...rest], (name) =>
    (['graphql', 'rest'] as const).flatMap((kind) => {
      const busy = summarise(result, name, `${kind}.saturate`);
      const paced = summarise(result, name, `${kind}.pace`);
      const cost = [figure(busy, 'perSecond'), cpu(busy), ratio(result, name, `${kind}.saturate`)];
      return [...cost, cpu(paced), figure(paced, 'addedP50'), figure(paced, 'addedP99')];
    }),
  );
}

function streams(result: BenchResult): string {
  const head = ['', 'p50 ms late', 'p99 ms late', '+p50 ms', '+p99 ms', 'CPU µs/event', '× squid'];
  return tableOf(result, head, (name) => {
    const found = summarise(result, name, 'stream');
    const late = (['p50', 'p99', 'addedP50', 'addedP99'] as const).map((which) => figure(found, which));
    return [...late, cpu(found), ratio(result, name, 'stream')];
  });
}

function coldTunnels(result: BenchResult): string {
  const head = ['', 'p50 ms', 'p99 ms', '+p50 ms', '+p99 ms', 'CPU ms/tunnel', '× squid'];
  return tableOf(result, head, (name) => {
    const found = summarise(result, name, 'cold');
    const times = (['p50', 'p99', 'addedP50', 'addedP99'] as const).map((which) => figure(found, which));
    return [...times, cpu(found, 1_000), ratio(result, name, 'cold')];
  });
}

function transfers(result: BenchResult): string {
  const head = ['', 'up ms', 'up CPU ms', '× squid', 'down ms', 'down CPU ms', '× squid'];
  return tableOf(result, head, (name) =>
    (['up', 'down'] as const).flatMap((which) => {
      const found = summarise(result, name, which);
      return [figure(found, 'p50'), cpu(found, 1_000), ratio(result, name, which)];
    }),
  );
}

function memory(result: BenchResult): string {
  return tableOf(result, ['', 'started', 'after the load', 'with idle tunnels', 'tunnels'], (name) => {
    const found = result.contestants.find((one) => one.name === name)?.memory;
    if (found === undefined) return ['–', '–', '–', '–'];
    const { started, afterLoad, idleTunnels: idle } = found;
    const idleCells = 'failed' in idle ? ['failed', '–'] : [megabytes(idle.bytes), String(idle.tunnels)];
    return [megabytes(started), megabytes(afterLoad), ...idleCells];
  });
}

function eventLoops({ contestants }: BenchResult): string[] {
  const watched = contestants.filter(({ eventLoop }) => Object.keys(eventLoop).length > 0);
  if (watched.length === 0) return [];
  const workloads = WORKLOADS.filter((workload) => watched.some(({ eventLoop }) => eventLoop[workload]));
  const cell = ({ eventLoop }: ContestantResult, workload: Workload): string => {
    const delay = eventLoop[workload];
    return delay === undefined ? '–' : `${shown(delay.p99)} / ${shown(delay.max)}`;
  };
  return [
    '### The event loop: p99 / longest stall, ms (a machine with nothing to do has about 0.1 / 1)',
    markdownTable(
      ['', ...workloads],
      watched.map((one) => [one.name, ...workloads.map((workload) => cell(one, workload))]),
    ),
  ];
}

function micro({ micro: figures }: BenchResult): string[] {
  if (figures.length === 0) return [];
  const rows = figures.map(({ name, p50, p99, perSecond }) => [name, shown(p50), shown(p99), shown(perSecond)]);
  return ['### One thing at a time', markdownTable(['', 'p50 µs', 'p99 µs', 'per second'], rows)];
}

function profiles(result: BenchResult): string[] {
  return result.profiles.flatMap((found) => {
    const total = found.mainThread + found.pool + found.engine + found.postgres;
    const row = ({ name, micros }: ProfiledPart): string[] => [
      name,
      shown(micros),
      `${((100 * micros) / total).toFixed(1)} %`,
    ];
    const parts = [
      ...found.steps,
      { name: "libuv's pool: files, WebCrypto", micros: found.pool },
      { name: "V8's workers: garbage, compiler", micros: found.engine },
      { name: 'Postgres', micros: found.postgres },
      { name: '**together**', micros: total },
    ];
    return [
      `### Where a GraphQL read goes, one process, ${found.load} (${found.requests} calls under a sampling profiler)`,
      markdownTable(['', 'µs/call', 'share'], parts.map(row)),
      'The functions of the main thread that take most by themselves:',
      markdownTable(['', 'µs/call', 'share'], found.functions.map(row)),
    ];
  });
}
