import { readFileSync } from 'node:fs';
import { AileronError, type FieldError } from '@aileron/errors';
import type { z } from 'zod';
import { KNOWN_VARIABLES } from './known-variables.js';
import { nearestName } from './nearest-name.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const LARGEST_FILE = 65_536;

/**
 * Reads the variables that a schema names, once. An empty value counts as absent; `NAME_FILE` names a file that holds
 * the value. A message names the variable, never its value.
 * @throws AileronError CONFIG_INVALID with every wrong field
 */
export function loadConfig<S extends z.ZodObject>(schema: S, environment: Environment = process.env): z.infer<S> {
  const names = Object.keys(schema.shape);
  const fields: FieldError[] = unknownVariables(environment, names);
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = readVariable(environment, name, fields);
    if (value !== undefined) values[name] = value;
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    fields.push(...parsed.error.issues.map((issue) => ({ field: String(issue.path[0] ?? '(all)'), message: messageOf(issue, values) })));
  }
  if (fields.length > 0 || !parsed.success) throw new AileronError('CONFIG_INVALID', { fields });
  return parsed.data as z.infer<S>;
}

function readVariable(environment: Environment, name: string, fields: FieldError[]): string | undefined {
  const direct = environment[name] || undefined;
  const file = environment[`${name}_FILE`] || undefined;
  if (direct !== undefined && file !== undefined) {
    fields.push({ field: name, message: `set either ${name} or ${name}_FILE, not both` });
    return undefined;
  }
  if (file === undefined) return direct;
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length <= LARGEST_FILE) return text.replace(/\r?\n$/, '');
    fields.push({ field: `${name}_FILE`, message: `the file is larger than ${LARGEST_FILE} bytes` });
  } catch {
    fields.push({ field: `${name}_FILE`, message: 'the file cannot be read' });
  }
  return undefined;
}

function unknownVariables(environment: Environment, names: readonly string[]): FieldError[] {
  const known = new Set([...KNOWN_VARIABLES, ...names].flatMap((name) => [name, `${name}_FILE`]));
  return Object.keys(environment)
    .filter((name) => name.startsWith('AILERON_') && !known.has(name))
    .map((name) => ({ field: name, message: `is not a setting of Aileron${suggestion(name, [...known])}` }));
}

function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Zod's own messages can repeat the input; these cannot. */
function messageOf(issue: z.core.$ZodIssue, values: Readonly<Record<string, string>>): string {
  if (!(String(issue.path[0]) in values)) return 'is required';
  return issue.code === 'custom' ? issue.message : `is not valid (${issue.code.replaceAll('_', ' ')})`;
}
