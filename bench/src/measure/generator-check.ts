import { existsSync } from 'node:fs';
import type { Contestant } from '../contestants/contestant.js';
import { withConnections, type Generator } from '../generator/generator.js';
import { REST_HOST } from '../bench-hosts.js';
import { cpuMicrosOf } from '../machine/process-tree.js';
import { runProgram } from '../machine/run-program.js';

const HEY = '/usr/bin/hey';

interface Load {
  readonly perSecond: number;
  readonly cpuMicrosPerRequest: number;
}

/** The same contestant under a public load generator and under ours: both must find the same cost. */
export interface GeneratorCheck {
  readonly contestant: string;
  readonly hey: Load;
  readonly ours: Load;
}

/** Null where `hey` or a contestant on TCP is missing: it cannot dial a Unix socket, which is why there is ours. */
export async function checkGenerator(
  contestant: Contestant | undefined,
  generator: Generator,
  seconds: number,
): Promise<GeneratorCheck | null> {
  const proxy = contestant?.dial.proxy;
  if (contestant === undefined || proxy === undefined || !('port' in proxy) || !existsSync(HEY)) return null;
  const { dial } = contestant;
  const connections = 16;
  const underHey = await loadOf(
    contestant,
    async () => {
      const how = ['-z', `${seconds}s`, '-c', String(connections), '-x', `http://127.0.0.1:${proxy.port}`];
      const key = ['-H', `X-Api-Key: ${dial.credentials.rest}`];
      const printed = await runProgram(HEY, [...how, ...key, `https://${REST_HOST}:${dial.port}/v1/models`]);
      return Number(/\[200\]\s+(\d+) responses/.exec(printed)?.[1] ?? 0);
    },
    seconds,
  );
  const ours = await loadOf(
    contestant,
    async () => {
      const opening = { dial, kind: 'rest', connections } as const;
      return (await withConnections(generator, opening, () => generator.ask({ job: 'saturate', seconds }))).count;
    },
    seconds,
  );
  return { contestant: contestant.version, hey: underHey, ours };
}

async function loadOf(contestant: Contestant, load: () => Promise<number>, seconds: number): Promise<Load> {
  const before = cpuMicrosOf(contestant.processes());
  const count = await load();
  const cpu = cpuMicrosOf(contestant.processes()) - before;
  return { perSecond: count / seconds, cpuMicrosPerRequest: cpu / count };
}
