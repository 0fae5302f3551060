import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@aileron/testing';
import { FULL, SHORT, type BenchOptions } from './bench-options.js';
import { ContestantMissing, type Contestant, type ContestantName } from './contestants/contestant.js';
import { startContestant } from './contestants/start-contestant.js';
import { startGenerator, type Generator } from './generator/generator.js';
import { installPrograms } from './machine/debian-packages.js';
import { commitOf } from './machine/commit.js';
import { machineFacts } from './machine/machine-facts.js';
import { memoryOf } from './machine/process-tree.js';
import type { BenchResult } from './measure/bench-result.js';
import { checkGenerator } from './measure/generator-check.js';
import { idleMemory } from './measure/idle-memory.js';
import type { ContestantResult } from './measure/measurement.js';
import { runRounds, warmUp, watchRound, type RoundsInput } from './measure/run-rounds.js';
import { runMicro } from './micro/run-micro.js';
import { profileCalls } from './profile/profile-call.js';
import { startUpstream, type Upstream } from './upstream/start-upstream.js';
import { measureWorkspace } from './workspace/measure-workspace.js';
import type { WorkspaceResult } from './workspace/workspace-result.js';

export type Note = (line: string) => void;

/** Everything in one run. Leaves nothing behind, however it ends. */
export async function runBench(options: BenchOptions, note: Note): Promise<BenchResult> {
  const before = machineFacts();
  const directory = mkdtempSync(join(tmpdir(), 'ab-'));
  try {
    const { short, seed, rounds } = options;
    const calls = options.workspace === 'only' ? NO_CALLS : await measureCalls(options, { note, directory });
    const workspace = options.workspace === 'no' ? null : await workspacePlane({ directory, short, note });
    const machine = { ...before, loadAfter: machineFacts().loadBefore };
    const run = { at: new Date().toISOString(), commit: await commitOf(), short, seed, rounds, machine };
    return { ...run, ...calls, workspace };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Null when it broke off: what was measured before is kept, and the run fails for what lacks. */
async function workspacePlane(input: {
  readonly directory: string;
  readonly short: boolean;
  readonly note: Note;
}): Promise<WorkspaceResult | null> {
  const { directory, short, note } = input;
  try {
    return await measureWorkspace({ directory: join(directory, 'w'), short }, note);
  } catch (error) {
    note(`the workspace plane broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return null;
  }
}

const NO_CALLS = {
  contestants: [],
  skipped: [],
  measurements: [],
  failures: [],
  generatorCheck: null,
  profiles: [],
  micro: [],
};

async function measureCalls(
  options: BenchOptions,
  { note, directory }: Pick<Stage, 'note' | 'directory'>,
): Promise<Compared & Pick<BenchResult, 'micro'>> {
  await installPrograms(note);
  // Squid runs as another user and has a folder of its own in it.
  chmodSync(directory, 0o711);
  const upstream = await startUpstream(amountsOf(options).eventsPerStream);
  const generator = startGenerator();
  try {
    const compared = await compare({ options, note, directory, upstream, generator });
    note('one thing at a time');
    return { ...compared, micro: options.micro ? await runMicro(options.short, note) : [] };
  } finally {
    await generator.close();
    await upstream.close();
  }
}

interface Stage {
  readonly options: BenchOptions;
  readonly note: Note;
  readonly directory: string;
  readonly upstream: Upstream;
  readonly generator: Generator;
}

const amountsOf = ({ short }: BenchOptions) => (short ? SHORT : FULL);

type Compared = Pick<
  BenchResult,
  'contestants' | 'skipped' | 'measurements' | 'failures' | 'generatorCheck' | 'profiles'
>;

async function compare(stage: Stage): Promise<Compared> {
  const { options, note, generator } = stage;
  const { started, skipped } = await startAll(stage);
  try {
    const memory = new Map(started.map(({ name, processes }) => [name, memoryOf(processes())]));
    const amounts = amountsOf(options);
    const random = seededRandom(options.seed);
    const input: RoundsInput = { contestants: started, generator, amounts, rounds: options.rounds, random, note };
    await warmUp(input);
    const { measurements, failures } = await runRounds(input);
    const checked = started.find(({ name }) => name === 'squid') ?? started.find(({ name }) => name === 'bare-node');
    const generatorCheck = await checkGenerator(checked, generator, options.short ? 1 : 5);
    const profiled = started.find(({ parts }) => options.profile && parts !== undefined);
    const profiles = profiled === undefined ? [] : await profileCalls(profiled, generator, amounts);
    const contestants: ContestantResult[] = [];
    for (const contestant of started.filter(({ name }) => name !== 'direct')) {
      note(`${contestant.name}: event loop, idle tunnels`);
      contestants.push(await lookInside(contestant, input, memory.get(contestant.name) ?? 0));
    }
    return { contestants, skipped, measurements, failures, generatorCheck, profiles };
  } finally {
    for (const contestant of started) await contestant.close();
  }
}

async function lookInside(contestant: Contestant, input: RoundsInput, started: number): Promise<ContestantResult> {
  const { name, version } = contestant;
  const afterLoad = memoryOf(contestant.processes());
  const eventLoop = await watchRound(input, contestant);
  const idleTunnels = await idleMemory(contestant, input.generator, input.amounts);
  return { name, version, memory: { started, afterLoad, idleTunnels }, eventLoop };
}

async function startAll({ options, note, directory, upstream }: Stage) {
  const started: Contestant[] = [];
  const skipped: { name: ContestantName; reason: string }[] = [];
  const start = async (name: ContestantName): Promise<void> => {
    const own = join(directory, name.replaceAll(/[^a-z]/g, ''));
    mkdirSync(own);
    try {
      started.push(await startContestant(name, { upstream, directory: own }));
    } catch (error) {
      if (!(error instanceof ContestantMissing)) throw new Error(`${name} did not start`, { cause: error });
      skipped.push({ name, reason: error.message });
      note(`${name} is left out: ${error.message}`);
    }
  };
  note(`starts ${options.contestants.join(', ')}`);
  try {
    const all = await Promise.allSettled(options.contestants.map(start));
    const failed = all.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  } catch (error) {
    for (const contestant of started) await contestant.close();
    throw error;
  }
  started.sort((a, b) => options.contestants.indexOf(a.name) - options.contestants.indexOf(b.name));
  return { started, skipped };
}
