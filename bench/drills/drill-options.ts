import { parseArgs } from 'node:util';

export const TOPOLOGIES = {
  one: ['service', 'postgres'],
  split: ['mgmt-plane', 'credential-service', 'proxy', 'postgres'],
} as const;
export type Topology = keyof typeof TOPOLOGIES;
/** What is killed. `service`: all of it but Postgres, which is one process. */
export type Target = (typeof TOPOLOGIES)[Topology][number];

export interface DrillOptions {
  readonly topology: Topology;
  readonly targets: readonly Target[];
  /** Under load, for each target. */
  readonly seconds: number;
  /** Requests a second, new ones and repeated ones together. */
  readonly rate: number;
  /** How often each target is killed in that time. */
  readonly kills: number;
  /** How soon allowed reads must be answered again. */
  readonly recoverWithinMs: number;
  readonly seed: number;
  readonly json: boolean;
}

export const USAGE = `pnpm drill [--topology one|split] [--seconds <n>] [--rate <n>] [--kills <n>] [--only <target,…>]
           [--recover-within <seconds>] [--seed <n>] [--short] [--json]
--short: 6 seconds for each target. Targets: split ${TOPOLOGIES.split.join(', ')}; one ${TOPOLOGIES.one.join(', ')}`;

const SECONDS_OF_A_KILL = 20;

/** @throws Error with the usage */
export function readOptions(args: readonly string[]): DrillOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      topology: { type: 'string', default: 'split' },
      seconds: { type: 'string' },
      rate: { type: 'string', default: '50' },
      kills: { type: 'string' },
      only: { type: 'string' },
      'recover-within': { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const topology = readTopology(values.topology);
  const seconds = wholeNumber(values.seconds ?? (values.short ? '6' : '60'), 3_600);
  const kills = wholeNumber(values.kills ?? String(Math.max(1, Math.floor(seconds / SECONDS_OF_A_KILL))), 100);
  return {
    topology,
    targets: values.only === undefined ? TOPOLOGIES[topology] : readTargets(topology, values.only.split(',')),
    seconds,
    kills,
    rate: wholeNumber(values.rate, 1_000),
    recoverWithinMs: wholeNumber(values['recover-within'], 600) * 1_000,
    seed: wholeNumber(values.seed, 2 ** 31),
    json: values.json,
  };
}

function readTopology(text: string): Topology {
  if (text === 'one' || text === 'split') return text;
  throw new Error(`${text} is no topology\n${USAGE}`);
}

function readTargets(topology: Topology, names: readonly string[]): readonly Target[] {
  const known: readonly Target[] = TOPOLOGIES[topology];
  const unknown = names.find((name) => !known.some((target) => target === name));
  if (unknown !== undefined) throw new Error(`${unknown} is no target of ${topology}\n${USAGE}`);
  return known.filter((target) => names.includes(target));
}

function wholeNumber(text: string, most: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) < 1 || Number(text) > most)
    throw new Error(`${text} is not a whole number from 1 to ${most}\n${USAGE}`);
  return Number(text);
}
