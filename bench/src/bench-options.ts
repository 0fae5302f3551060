import { parseArgs } from 'node:util';
import { CONTESTANTS, type ContestantName } from './contestants/contestant.js';

export interface BenchOptions {
  /** Of the order in which contestants take turns. */
  readonly seed: number;
  /** Seconds instead of minutes: shows that every figure is produced, and is no measurement. */
  readonly short: boolean;
  readonly contestants: readonly ContestantName[];
  readonly rounds: number;
  readonly micro: boolean;
  readonly profile: boolean;
  /** The workspace plane: beside the calls, alone, or left out. */
  readonly workspace: 'too' | 'only' | 'no';
  /** Puts the tables into docs/performance.md. */
  readonly publish: boolean;
}

/** How much of each workload one round holds. */
export interface Amounts {
  /** Of each kind of call. A program that compiles what runs often goes on with that for ten thousand calls. */
  readonly warmUpSeconds: number;
  /** Of each other workload, before the first that counts. */
  readonly warmUpTurns: number;
  readonly saturateSeconds: number;
  readonly connections: number;
  readonly paceSeconds: number;
  readonly pacePerSecond: number;
  readonly paceConnections: number;
  readonly streams: number;
  readonly eventsPerStream: number;
  readonly transfers: number;
  readonly coldTunnels: number;
  readonly idleTunnels: number;
  /** Until what the last tunnels left behind is collected, and what starting sessions left to be done is done. */
  readonly settleMs: number;
  /** Until a contestant that has answered is at rest. */
  readonly lookEveryMs: number;
}

export const FULL: Amounts = {
  warmUpSeconds: 12,
  warmUpTurns: 1,
  saturateSeconds: 3,
  connections: 16,
  paceSeconds: 5,
  pacePerSecond: 200,
  paceConnections: 8,
  streams: 4,
  eventsPerStream: 500,
  transfers: 5,
  coldTunnels: 20,
  idleTunnels: 1_000,
  settleMs: 2_000,
  lookEveryMs: 200,
};

export const SHORT: Amounts = {
  ...FULL,
  warmUpSeconds: 0.2,
  warmUpTurns: 0,
  saturateSeconds: 0.3,
  paceSeconds: 0.5,
  streams: 1,
  eventsPerStream: 50,
  transfers: 1,
  coldTunnels: 2,
  idleTunnels: 20,
  settleMs: 0,
  lookEveryMs: 20,
};

export const USAGE = `pnpm bench [--short] [--seed <n>] [--rounds <n>] [--only <contestant,…>] [--no-micro] [--no-profile] [--no-workspace | --only-workspace] [--publish]
contestants: ${CONTESTANTS.join(', ')}`;

/** @throws Error with the usage */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      seed: { type: 'string', default: '1' },
      short: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string' },
      micro: { type: 'boolean', default: true },
      profile: { type: 'boolean', default: true },
      workspace: { type: 'boolean', default: true },
      'only-workspace': { type: 'boolean', default: false },
      publish: { type: 'boolean', default: false },
    },
  });
  const { short, micro, profile, publish } = values;
  return {
    seed: wholeNumber(values.seed, 2 ** 31),
    short,
    micro,
    profile,
    publish,
    workspace: values['only-workspace'] ? 'only' : values.workspace ? 'too' : 'no',
    rounds: values.rounds === undefined ? (short ? 1 : 5) : wholeNumber(values.rounds, 100),
    contestants: values.only === undefined ? CONTESTANTS : chosen(values.only.split(',')),
  };
}

function wholeNumber(text: string, most: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) < 1 || Number(text) > most)
    throw new Error(`${text} is not a whole number from 1 to ${most}\n${USAGE}`);
  return Number(text);
}

/** `direct` is always there: what the others add is counted from it. */
function chosen(names: readonly string[]): readonly ContestantName[] {
  const unknown = names.find((name) => !CONTESTANTS.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`${unknown} is no contestant\n${USAGE}`);
  return CONTESTANTS.filter((name) => name === 'direct' || names.includes(name));
}
