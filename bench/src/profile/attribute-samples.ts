import type { CpuProfile } from '../probe/process-probe.js';
import { NODE, stepOf } from './pipeline-step.js';

export interface Attributed {
  /** µs of samples in which the thread worked. */
  readonly busyMicros: number;
  readonly steps: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, number>;
}

type ProfileNode = CpuProfile['nodes'][number];

/**
 * Each sample belongs to the innermost function of its stack that is somebody's; what Node does on its own, before it
 * calls any of ours, is Node's.
 */
export function attributeSamples({ nodes, samples = [], timeDeltas = [] }: CpuProfile): Attributed {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)));
  const known = new Map<number, string>();
  const owner = (node: ProfileNode): string => {
    const found = known.get(node.id);
    if (found !== undefined) return found;
    const parent = parents.get(node.id);
    const step = stepOf(node.callFrame) ?? (parent === undefined ? NODE : owner(parent));
    known.set(node.id, step);
    return step;
  };
  /** Of what is built in, which function of a file made it work says more than its name. */
  const calledBy = (node: ProfileNode): string => {
    for (let caller = parents.get(node.id); caller !== undefined; caller = parents.get(caller.id))
      if (isOurs(caller)) return ` for ${nameOf(caller)}`;
    return '';
  };
  const steps = new Map<string, number>();
  const functions = new Map<string, number>();
  let busyMicros = 0;
  samples.forEach((id, index) => {
    const node = byId.get(id);
    if (node === undefined || isNotOfACall(node)) return;
    const micros = Math.max(0, timeDeltas[index] ?? 0);
    busyMicros += micros;
    add(steps, owner(node), micros);
    add(functions, isOurs(node) ? nameOf(node) : `${nameOf(node)}${calledBy(node)}`, micros);
  });
  return { busyMicros, steps, functions };
}

/** Nothing to do, or the profiler itself. */
const isNotOfACall = ({ callFrame: { functionName, url } }: ProfileNode): boolean =>
  functionName === '(idle)' || url.startsWith('node:inspector');

const isOurs = ({ callFrame: { url } }: ProfileNode): boolean => url !== '' && !url.startsWith('node:');

const add = (sums: Map<string, number>, name: string, micros: number): void =>
  void sums.set(name, (sums.get(name) ?? 0) + micros);

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const file = url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/node_modules\/|^.*\/(?=(?:apps|packages)\/)/, '')
    .replace(/\/(?:dist|lib|build)\//, '/');
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
}
