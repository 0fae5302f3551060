import type { Amounts } from '../bench-options.js';
import type { Contestant } from '../contestants/contestant.js';
import { withConnections, type Generator } from '../generator/generator.js';
import type { Load } from '../generator/job.js';
import { cpuMicrosOf, threadTimes } from '../machine/process-tree.js';
import { watchProcess } from '../probe/watch-process.js';
import { attributeSamples } from './attribute-samples.js';
import type { CallProfile, ProfiledPart } from './call-profile.js';

const FUNCTIONS_SHOWN = 20;

/** Where the CPU of a GraphQL read goes in one process, from samples of its main thread under load. Empty without Aileron. */
export async function profileCalls(
  { dial, probeSocket, parts }: Contestant,
  generator: Generator,
  amounts: Amounts,
): Promise<CallProfile[]> {
  if (probeSocket === undefined || parts === undefined) return [];
  const opening = { dial, kind: 'graphql', connections: amounts.connections } as const;
  const watched = { ...parts, probeSocket };
  const under = (job: Load): Promise<Omit<CallProfile, 'load'>> =>
    withConnections(generator, opening, () => profileJob(watched, () => generator.ask(job)));
  const { saturateSeconds, pacePerSecond: perSecond, paceSeconds } = amounts;
  return [
    { load: 'saturated', ...(await under({ job: 'saturate', seconds: saturateSeconds })) },
    { load: 'paced', ...(await under({ job: 'pace', perSecond, seconds: paceSeconds })) },
  ];
}

interface Watched {
  readonly pid: number;
  readonly databasePid: number;
  readonly probeSocket: string;
}

async function profileJob(
  { pid, databasePid, probeSocket }: Watched,
  work: () => Promise<{ readonly count: number }>,
): Promise<Omit<CallProfile, 'load'>> {
  const database = (): number => cpuMicrosOf([databasePid]);
  const before = { threads: threadTimes(pid), database: database() };
  let requests = 0;
  const profile = await watchProcess(probeSocket, 'profile', async () => {
    requests = (await work()).count;
  });
  const threads = threadTimes(pid);
  const mainThread = (threads.main - before.threads.main) / requests;
  const { busyMicros, steps, functions } = attributeSamples(profile);
  return {
    requests,
    mainThread,
    pool: (threads.pool - before.threads.pool) / requests,
    engine: (threads.engine - before.threads.engine) / requests,
    postgres: (database() - before.database) / requests,
    steps: ranked(steps, mainThread / busyMicros),
    functions: ranked(functions, mainThread / busyMicros).slice(0, FUNCTIONS_SHOWN),
  };
}

/** Shares of the samples, as shares of what the thread really took. */
const ranked = (parts: ReadonlyMap<string, number>, scale: number): ProfiledPart[] =>
  [...parts].map(([name, micros]) => ({ name, micros: micros * scale })).sort((a, b) => b.micros - a.micros);
