import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuMicrosOf } from '../machine/process-tree.js';
import { median, spreadOf, type Spread } from '../measure/percentile.js';
import type { CarriedTerminal, TerminalWay, TerminalWayName } from './carried-terminal.js';

const LINE = 'a line of the usual length that a compiler or a test runner may print\n';
const BETWEEN_KEYS_MS = 10;
/** A line of so many keys is thrown away, so that it stays one line. */
const KEYS_A_LINE = 60;
const ERASE_LINE = '\u0015';
const DEADLINE_MS = 300_000;

export interface TerminalAmounts {
  readonly megabytes: number;
  readonly rounds: number;
  readonly keys: number;
}

export interface TerminalFigures {
  readonly way: TerminalWayName;
  /** What the reader was given as output, in megabytes a second: the median over the rounds. */
  readonly megabytesPerSecond: number;
  /** Screens instead of output, over all rounds. */
  readonly screens: number;
  /** Processor time of all that carries it, shell and `cat` among it, of a megabyte that was printed. */
  readonly cpuMicrosPerMegabyte: number;
  readonly echo: Spread;
  /** Beside another terminal of the same workspace that prints without end. */
  readonly echoBesideNoise: Spread;
}

/** `folder`: where what is printed lies, as the shells see it. */
export async function measureTerminal(
  way: TerminalWay,
  { folder, amounts }: { readonly folder: string; readonly amounts: TerminalAmounts },
): Promise<TerminalFigures> {
  const lines = join(folder, 'lines');
  // What compiles what runs often has done so after these.
  await printed(way, { lines, megabytes: amounts.megabytes });
  const rounds: Printed[] = [];
  for (let round = 0; round < amounts.rounds; round += 1)
    rounds.push(await printed(way, { lines, megabytes: amounts.megabytes }));
  const echo = await alone(way, amounts.keys);
  const echoBesideNoise = await besideNoise(way, { lines, keys: amounts.keys });
  return {
    way: way.name,
    megabytesPerSecond: median(rounds.map(({ carried, seconds }) => carried / seconds)),
    screens: rounds.reduce((total, { screens }) => total + screens, 0),
    cpuMicrosPerMegabyte: median(rounds.map(({ cpuMicros }) => cpuMicros / amounts.megabytes)),
    echo,
    echoBesideNoise,
  };
}

/** Lines of the usual length, for shells to print. */
export function writeLines(folder: string, megabytes: number): void {
  writeFileSync(join(folder, 'lines'), LINE.repeat(Math.ceil((megabytes * 1e6) / LINE.length)));
}

interface Printed {
  readonly carried: number;
  readonly screens: number;
  readonly seconds: number;
  readonly cpuMicros: number;
}

async function printed(way: TerminalWay, { lines }: { lines: string; megabytes: number }): Promise<Printed> {
  const terminal = await way.open();
  try {
    const output = terminal.output(AbortSignal.timeout(DEADLINE_MS));
    const [cpuBefore, startedAt] = [cpuMicrosOf(way.processes()), performance.now()];
    await terminal.type(`cat ${lines}; echo over-$((1+1))\n`);
    let [carried, screens, end] = [0, 0, ''];
    for await (const { bytes, isScreen } of output) {
      if (isScreen) screens += 1;
      else carried += bytes.length;
      end = (end + Buffer.from(bytes.subarray(-100)).toString('latin1')).slice(-200);
      if (end.includes('over-2')) break;
    }
    if (!end.includes('over-2')) throw new Error(`${way.name}: the terminal ended before its output`);
    const seconds = (performance.now() - startedAt) / 1_000;
    return { carried: carried / 1e6, screens, seconds, cpuMicros: cpuMicrosOf(way.processes()) - cpuBefore };
  } finally {
    await terminal.close();
  }
}

async function alone(way: TerminalWay, keys: number): Promise<Spread> {
  const terminal = await way.open();
  try {
    return await echoed(terminal, keys);
  } finally {
    await terminal.close();
  }
}

async function besideNoise(way: TerminalWay, { lines, keys }: { lines: string; keys: number }): Promise<Spread> {
  const noise = await way.open();
  try {
    const stop = new AbortController();
    const heard = drain(noise, stop.signal);
    await noise.type(`while :; do cat ${lines}; done\n`);
    const echo = await alone(way, keys);
    stop.abort();
    await heard;
    return echo;
  } finally {
    await noise.close();
  }
}

/** Somebody looks at it. */
async function drain(terminal: CarriedTerminal, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of terminal.output(signal)) if (signal.aborted) return;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** From a key to its echo, one key after the other, as a person types who waits for each. Milliseconds. */
async function echoed(terminal: CarriedTerminal, keys: number): Promise<Spread> {
  const took: number[] = [];
  let [key, pressedAt] = ['', 0];
  const press = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_KEYS_MS));
    key = String.fromCharCode(97 + (took.length % 26));
    pressedAt = performance.now();
    await terminal.type(took.length % KEYS_A_LINE === KEYS_A_LINE - 1 ? `${ERASE_LINE}${key}` : key);
  };
  for await (const { bytes } of terminal.output(AbortSignal.timeout(DEADLINE_MS))) {
    if (key !== '' && !Buffer.from(bytes).toString('latin1').includes(key)) continue;
    if (key !== '') took.push(performance.now() - pressedAt);
    if (took.length === keys) break;
    key = '';
    await press();
  }
  if (took.length < keys) throw new Error('the terminal ended before its echo');
  return spreadOf(took);
}
