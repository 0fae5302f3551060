import { seededRandom } from '@aileron/testing';
import { end, type Ending } from './ending.ts';
import { Faults } from './faults.ts';
import { Operations } from './operations.ts';
import type { Combination, WorkspaceDrillOptions } from './options.ts';
import { Outages } from './outages.ts';
import { ProjectFiles } from './project-files.ts';
import { wrongEnd } from './promises.ts';
import { RestCalls, type Ended } from './rest-calls.ts';
import { StoredWorkspaces } from './stored-workspaces.ts';
import { Watcher } from './watcher.ts';
import type { WorkspacePlane } from './workspace-plane.ts';

export interface CombinationRow {
  readonly provisioner: string;
  readonly queue: string;
  readonly seed: number;
  readonly seconds: number;
  readonly operations: number;
  readonly accepted: number;
  /** Calls of every kind that were not accepted, by what they were answered with. */
  readonly refused: Readonly<Record<string, number>>;
  readonly kills: Readonly<Record<string, number>>;
  /** Workspaces that there ever were. */
  readonly workspaces: number;
  /** Of those that ended by themselves, by kind: count, median and longest in milliseconds. */
  readonly took: Readonly<Record<string, { readonly count: number; readonly p50: number; readonly most: number }>>;
  readonly failures: Readonly<Record<string, number>>;
  readonly stuck: readonly string[];
  readonly late: readonly string[];
  readonly worstLateMs: number;
  /** Reads that found what was written before a stop, a restart or a rebuild. */
  readonly kept: number;
  readonly saved: number;
  readonly ending: Ending;
  readonly broken: readonly string[];
}

const PROVES_SOMETHING = 200;
/** Names of calls that are operations; what is done inside of a workspace is not counted. */
const BESIDE: ReadonlySet<string> = new Set(['files', 'terminal']);

export async function runCombination(
  plane: WorkspacePlane,
  options: WorkspaceDrillOptions,
  note: (line: string) => void,
): Promise<CombinationRow> {
  const { combination } = plane;
  const {
    workspaces,
    concurrency,
    mostSeconds,
    faultEveryMs: everyMs,
    faults: kinds,
    graceMs,
    orphansWithinMs,
  } = options;
  const calls = new RestCalls();
  const outages = new Outages();
  const stored = new StoredWorkspaces(plane.database.adminUrl);
  const watcher = new Watcher(plane, stored, graceMs);
  const files = new ProjectFiles(calls, watcher);
  // Of its own: how many calls there were until then must not move the next kill.
  const faults = new Faults({ plane, outages, kinds, everyMs, random: seededRandom(combination.seed + 7_919), note });
  const bounds = { workspaces, concurrency, mostSeconds, random: seededRandom(combination.seed) };
  const mayEnd = (): boolean => faults.hadEach;
  const operations = new Operations({ plane, combination, calls, watcher, files, ...bounds, mayEnd });
  watcher.start();
  try {
    const seconds = await underFaults(operations, faults);
    const engineFell = outages.counts['engine'] !== undefined;
    const ending = await end({ plane, stored, watcher, calls, files, orphansWithinMs, engineFell, note });
    const { made } = operations;
    const broken = [...watcher.broken, ...operations.broken, ...faults.broken, ...files.broken];
    return rowOf({ combination, seconds, made, calls, outages, watcher, files, ending, graceMs, broken });
  } finally {
    await faults.stop();
    await watcher.stop();
    await stored.close();
    await calls.close();
  }
}

/** @returns seconds */
async function underFaults(operations: Operations, faults: Faults): Promise<number> {
  const from = Date.now();
  faults.start();
  await operations.run();
  await faults.stop();
  return Math.round((Date.now() - from) / 1_000);
}

interface Found {
  readonly combination: Combination;
  readonly seconds: number;
  readonly made: number;
  readonly calls: RestCalls;
  readonly outages: Outages;
  readonly watcher: Watcher;
  readonly files: ProjectFiles;
  readonly ending: Ending;
  readonly graceMs: number;
  readonly broken: readonly string[];
}

function rowOf(found: Found): CombinationRow {
  const { combination, seconds, made, calls, outages, watcher, files, ending } = found;
  const { provisioner, queue, seed } = combination;
  return {
    provisioner,
    queue,
    seed,
    seconds,
    operations: made,
    accepted: calls.ended.filter(({ name, code }) => code === 'ok' && !BESIDE.has(name)).length,
    refused: refusals(calls.ended),
    kills: outages.counts,
    workspaces: watcher.seen.size,
    took: Object.fromEntries([...watcher.took].map(([kind, all]) => [kind, spread(all)])),
    failures: Object.fromEntries(watcher.failures),
    stuck: lates(watcher.stuck),
    late: lates(watcher.late),
    worstLateMs: Math.round(watcher.worstLateMs),
    saved: files.saved,
    kept: files.kept,
    ending,
    broken: brokenOf(found),
  };
}

/** Every promise that was broken, in words. */
function brokenOf({ made, calls, outages, watcher, files, ending, graceMs, broken }: Found): string[] {
  return [
    // A drill that proves nothing fails too.
    ...(made >= PROVES_SOMETHING && files.kept === 0 ? ['no data was written, and found again after a restart'] : []),
    ...lates(watcher.stuck).map((each) => `stuck: ${each} past its deadline`),
    ...lates(watcher.late).map((each) => `late: ${each} after it was due`),
    ...ending.orphans.map((each) => `orphan: ${each}`),
    ...broken,
    ...alike(calls.ended.flatMap((each) => wrongEnd(each, outages, graceMs) ?? [])),
    ...ending.broken,
  ];
}

const lates = (all: Watcher['late']): string[] =>
  [...all.values()].map(({ workspaceId, what, overMs }) => `${workspaceId}: ${what}, ${(overMs / 1_000).toFixed(1)} s`);

function refusals(ended: readonly Ended[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(
    ended.filter(({ code }) => code !== 'ok'),
    ({ status, code }) => (status === 0 ? code : `${status} ${code}`),
  );
  return Object.fromEntries(
    [...groups].map(([code, all]) => [code, all.length] as const).toSorted((a, b) => b[1] - a[1]),
  );
}

function spread(all: readonly number[]): { count: number; p50: number; most: number } {
  const sorted = all.toSorted((one, other) => one - other);
  return { count: all.length, p50: sorted[Math.floor(all.length / 2)] ?? 0, most: sorted.at(-1) ?? 0 };
}

/** The same thing many times is one line. */
function alike(lines: readonly string[]): string[] {
  const groups = Map.groupBy(lines, (line) => line.replaceAll(/\d+ ms/g, 'n ms'));
  return [...groups].map(([line, all]) => (all.length === 1 ? (all[0] ?? '') : `${all.length} × ${line}`));
}
