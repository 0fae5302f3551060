import type { Amounts } from '../bench-options.js';
import type { Contestant } from '../contestants/contestant.js';
import { withConnections, type Generator } from '../generator/generator.js';
import { cpuOfTask } from '../machine/cpu-of-task.js';
import { watchProcess } from '../probe/watch-process.js';
import type { ContestantResult, Failure, Measurement } from './measurement.js';
import { shuffled } from './shuffled.js';
import { taskOf, WORKLOADS, type Workload } from './workloads.js';

export interface RoundsInput {
  readonly contestants: readonly Contestant[];
  readonly generator: Generator;
  readonly amounts: Amounts;
  readonly rounds: number;
  readonly random: () => number;
  readonly note: (line: string) => void;
}

export interface Rounds {
  readonly measurements: readonly Measurement[];
  readonly failures: readonly Failure[];
}

/** A turn that breaks off is taken again so often before it is given up. */
const TURNS = 3;

/** Each workload goes round all contestants, in another order each time: what disturbs the machine disturbs them all. */
export async function runRounds(input: RoundsInput): Promise<Rounds> {
  const measurements: Measurement[] = [];
  const failures: Failure[] = [];
  for (let round = 1; round <= input.rounds; round++) {
    input.note(`round ${round} of ${input.rounds}`);
    for (const workload of WORKLOADS) {
      for (const contestant of shuffled(input.contestants, input.random)) {
        const taken = await takeTurn(input, { contestant, workload, round });
        measurements.push(...taken.measurements);
        failures.push(...taken.failures);
      }
    }
  }
  return { measurements, failures };
}

interface Turn {
  readonly contestant: Contestant;
  readonly workload: Workload;
  readonly round: number;
}

/** All of a turn counts or nothing: the calls that went well in a turn that broke off would look good alone. */
async function takeTurn(input: RoundsInput, { contestant, workload, round }: Turn): Promise<Rounds> {
  const failures: Failure[] = [];
  while (failures.length < TURNS) {
    try {
      const measured = await measure(input, contestant, workload);
      return { measurements: [{ ...measured, round }], failures };
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : String(error);
      failures.push({ contestant: contestant.name, workload, round, reason });
      input.note(`${contestant.name} broke off ${workload}: ${reason}`);
    }
  }
  return { measurements: [], failures };
}

async function measure(
  { generator, amounts }: RoundsInput,
  contestant: Contestant,
  workload: Workload,
): Promise<Omit<Measurement, 'round'>> {
  const { opening, job } = await taskOf(workload, contestant, amounts);
  const { value, cpuMicros } = await withConnections(generator, opening, () =>
    cpuOfTask(contestant.processes, () => generator.ask(job), amounts.lookEveryMs),
  );
  return { ...value, contestant: contestant.name, workload, cpuMicros };
}

/** What the calls of the warm-up are not like. */
const ONCE_BEFORE = ['stream', 'cold', 'up', 'down'] as const satisfies readonly Workload[];

/** What was compiled, cached and connected by then is not measured. */
export async function warmUp(input: RoundsInput): Promise<void> {
  const { contestants, generator, amounts, note } = input;
  const { connections, warmUpSeconds: seconds } = amounts;
  for (const contestant of contestants) {
    const { name, dial } = contestant;
    note(`warms up ${name}`);
    for (const kind of ['graphql', 'rest'] as const) {
      await withConnections(generator, { dial, kind, connections }, () => generator.ask({ job: 'saturate', seconds }));
    }
    for (let turn = 0; turn < amounts.warmUpTurns; turn++)
      for (const workload of ONCE_BEFORE) await takeTurn(input, { contestant, workload, round: 0 });
  }
}

/** Every workload but the saturating ones once more, with the event loop watched: there a full loop is the purpose. */
export async function watchRound(
  { generator, amounts }: RoundsInput,
  contestant: Contestant,
): Promise<ContestantResult['eventLoop']> {
  const socket = contestant.probeSocket;
  if (socket === undefined) return {};
  const delays: { -readonly [W in Workload]?: ContestantResult['eventLoop'][W] } = {};
  for (const workload of WORKLOADS.filter((name) => !name.endsWith('.saturate'))) {
    const { opening, job } = await taskOf(workload, contestant, amounts);
    delays[workload] = await withConnections(generator, opening, () =>
      watchProcess(socket, 'loop', () => generator.ask(job)),
    );
  }
  return delays;
}
