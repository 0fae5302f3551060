import { parseArgs } from 'node:util';

const PROVISIONERS = ['local', 'docker'] as const;
export type ProvisionerKind = (typeof PROVISIONERS)[number];
const QUEUES = ['postgres', 'redis'] as const;
export type QueueKind = (typeof QUEUES)[number];

/** What is killed. `sandbox`: any one process of what runs inside a workspace. */
export const FAULT_KINDS = [
  'manager',
  'runtime',
  'terminal',
  'sandbox',
  'container',
  'engine',
  'database',
  'redis',
  'mgmt-plane',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Combination {
  readonly provisioner: ProvisionerKind;
  readonly queue: QueueKind;
  /** Calls that want something of a workspace. */
  readonly operations: number;
  readonly seed: number;
}

export interface WorkspaceDrillOptions {
  readonly combinations: readonly Combination[];
  readonly faults: readonly FaultKind[];
  /** Milliseconds between two faults, on average. */
  readonly faultEveryMs: number;
  /** At most so many workspaces at once. */
  readonly workspaces: number;
  /** Calls at once. */
  readonly concurrency: number;
  /** What is allowed beyond a deadline, and for orphans: for a machine that nobody else uses, 5 s and 30 s. */
  readonly graceMs: number;
  readonly orphansWithinMs: number;
  /** An end to the operations of one combination, should they take longer. */
  readonly mostSeconds: number;
  readonly seed: number;
  readonly json: boolean;
}

export const USAGE = `pnpm drill:workspaces [--provisioner local|docker|both] [--queue postgres|redis|both] [--operations <n>]
           [--faults <kind,…>|none] [--fault-every <seconds>] [--workspaces <n>] [--concurrency <n>] [--most-seconds <n>]
           [--grace <seconds>] [--orphans-within <seconds>] [--seed <n>] [--json]
--operations: of all combinations together. Faults: ${FAULT_KINDS.join(', ')}`;

/** @throws Error with the usage */
export function readOptions(args: readonly string[]): WorkspaceDrillOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      provisioner: { type: 'string', default: 'both' },
      queue: { type: 'string', default: 'both' },
      operations: { type: 'string', default: '2000' },
      faults: { type: 'string', default: FAULT_KINDS.join(',') },
      'fault-every': { type: 'string', default: '6' },
      workspaces: { type: 'string', default: '12' },
      concurrency: { type: 'string', default: '8' },
      'most-seconds': { type: 'string', default: '900' },
      grace: { type: 'string', default: '5' },
      'orphans-within': { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const seed = wholeNumber(values.seed, 2 ** 31);
  const provisioners = values.provisioner === 'both' ? PROVISIONERS : [oneOf(PROVISIONERS, values.provisioner)];
  const queues = values.queue === 'both' ? QUEUES : [oneOf(QUEUES, values.queue)];
  const pairs = provisioners.flatMap((provisioner) => queues.map((queue) => ({ provisioner, queue })));
  const operations = Math.ceil(wholeNumber(values.operations, 100_000) / pairs.length);
  return {
    combinations: pairs.map((pair, index) => ({ ...pair, operations, seed: seed + index })),
    faults: values.faults === 'none' ? [] : values.faults.split(',').map((name) => oneOf(FAULT_KINDS, name)),
    faultEveryMs: wholeNumber(values['fault-every'], 3_600) * 1_000,
    workspaces: wholeNumber(values.workspaces, 500),
    concurrency: wholeNumber(values.concurrency, 64),
    graceMs: wholeNumber(values.grace, 600) * 1_000,
    orphansWithinMs: wholeNumber(values['orphans-within'], 600) * 1_000,
    mostSeconds: wholeNumber(values['most-seconds'], 36_000),
    seed,
    json: values.json,
  };
}

function oneOf<T extends string>(known: readonly T[], text: string): T {
  const found = known.find((each) => each === text);
  if (found === undefined) throw new Error(`${text} is none of ${known.join(', ')}\n${USAGE}`);
  return found;
}

function wholeNumber(text: string, most: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) < 1 || Number(text) > most)
    throw new Error(`${text} is not a whole number from 1 to ${most}\n${USAGE}`);
  return Number(text);
}
