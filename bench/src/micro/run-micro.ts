import { measureAudit } from './audit.micro.js';
import { measureCall } from './call.micro.js';
import { measureDecrypt } from './decrypt.micro.js';
import { measureLeaf } from './leaf.micro.js';
import { measureMatch } from './match.micro.js';
import type { MicroFigure } from './micro-figure.js';
import { measurePolicy } from './policy.micro.js';

interface Micro {
  readonly measure: (count: number, short: boolean) => Promise<MicroFigure[]>;
  /** Of a whole run. */
  readonly count: number;
}

const FIGURES: readonly Micro[] = [
  { measure: measureLeaf, count: 2_000 },
  { measure: measurePolicy, count: 20_000 },
  { measure: measureMatch, count: 50_000 },
  { measure: measureDecrypt, count: 10_000 },
  { measure: measureAudit, count: 100_000 },
  { measure: measureCall, count: 20_000 },
];

/** Each part of a call by itself, one after another, in this process. */
export async function runMicro(short: boolean, note: (line: string) => void): Promise<MicroFigure[]> {
  const figures: MicroFigure[] = [];
  for (const { measure, count } of FIGURES) {
    const found = await measure(short ? Math.ceil(count / 50) : count, short);
    for (const { name, p50 } of found) note(`${name}: ${p50.toFixed(1)} µs`);
    figures.push(...found);
  }
  return figures;
}
