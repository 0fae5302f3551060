import type { ShimCommand, ShimOption } from './shim-spec.js';

/** Options of the runtime itself, on every command. */
export interface RuntimeOptions {
  readonly json: boolean;
  readonly help: boolean;
  /** How long to wait for a person; 0 does not wait. */
  readonly waitSeconds: number;
}

export interface ParsedArgv {
  readonly runtime: RuntimeOptions;
  readonly values: ReadonlyMap<ShimOption, unknown>;
}

/** What is wrong with a command line; exit code 64 (EX_USAGE). */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const DEFAULT_WAIT_SECONDS = 600;
const MAX_WAIT_SECONDS = 86_400;
const MAX_VALUE_CHARACTERS = 262_144;

/** `--name value` and `--name=value`; a boolean takes no value, or `=true`/`=false`. Nothing positional, nothing unknown, nothing twice. */
export function parseArgv(argv: readonly string[], command: ShimCommand): ParsedArgv {
  const words = [...argv];
  const values = new Map<ShimOption, unknown>();
  let runtime: RuntimeOptions = { json: false, help: false, waitSeconds: DEFAULT_WAIT_SECONDS };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const { name, inline } = splitWord(word);
    const option = command.options.find((each) => each.name === name);
    // An option of the operation wins over one of the runtime with the same name.
    if (option !== undefined) setValue(values, option, readValue(option, inline, words));
    else runtime = { ...runtime, ...readRuntimeOption(name, inline, words) };
  }
  if (!runtime.help) requireAll(command, values);
  return { runtime, values };
}

function splitWord(word: string): { name: string; inline: string | null } {
  if (word === '-h') return { name: 'help', inline: null };
  if (!word.startsWith('--') || word === '--') throw new UsageError(`unexpected argument: ${word.slice(0, 100)}`);
  const equals = word.indexOf('=');
  if (equals === -1) return { name: word.slice(2), inline: null };
  return { name: word.slice(2, equals), inline: word.slice(equals + 1) };
}

function readRuntimeOption(name: string, inline: string | null, words: string[]): Partial<RuntimeOptions> {
  switch (name) {
    case 'json':
      return { json: true };
    case 'help':
      return { help: true };
    case 'no-wait':
      return { waitSeconds: 0 };
    case 'wait': {
      const seconds = Number(takeWord(name, inline, words));
      if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_WAIT_SECONDS) {
        throw new UsageError(`--wait takes whole seconds up to ${MAX_WAIT_SECONDS}`);
      }
      return { waitSeconds: seconds };
    }
    default:
      throw new UsageError(`unknown option: --${name.slice(0, 100)}`);
  }
}

function readValue(option: ShimOption, inline: string | null, words: string[]): unknown {
  if (option.type === 'boolean') return readBoolean(option, inline);
  const text = takeWord(option.name, inline, words);
  if (text.length > MAX_VALUE_CHARACTERS) throw new UsageError(`--${option.name} is too long`);
  switch (option.type) {
    case 'integer':
    case 'number':
      return readNumber(option, text);
    case 'json':
      return readJson(option, text);
    case 'string':
    case 'strings':
      if (option.values !== undefined && !option.values.includes(text)) {
        throw new UsageError(`--${option.name} takes one of: ${option.values.join(', ')}`);
      }
      return text;
  }
}

function takeWord(name: string, inline: string | null, words: string[]): string {
  const text = inline ?? words.shift();
  if (text === undefined) throw new UsageError(`--${name} needs a value`);
  return text;
}

function readBoolean(option: ShimOption, inline: string | null): boolean {
  if (inline === null || inline === 'true') return true;
  if (inline === 'false') return false;
  throw new UsageError(`--${option.name} takes true or false`);
}

function readNumber(option: ShimOption, text: string): number {
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value) || (option.type === 'integer' && !Number.isSafeInteger(value))) {
    throw new UsageError(`--${option.name} takes ${option.type === 'integer' ? 'a whole number' : 'a number'}`);
  }
  return value;
}

function readJson(option: ShimOption, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UsageError(`--${option.name} takes JSON`);
  }
}

function setValue(values: Map<ShimOption, unknown>, option: ShimOption, value: unknown): void {
  const present = values.get(option);
  if (option.type === 'strings') values.set(option, [...(Array.isArray(present) ? (present as unknown[]) : []), value]);
  else if (values.has(option)) throw new UsageError(`--${option.name} is given twice`);
  else values.set(option, value);
}

function requireAll(command: ShimCommand, values: ReadonlyMap<ShimOption, unknown>): void {
  const missing = command.options
    .filter((option) => option.required && !values.has(option))
    .map((option) => `--${option.name}`);
  if (missing.length > 0) throw new UsageError(`missing: ${missing.join(', ')}`);
}
