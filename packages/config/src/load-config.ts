import { AileronError, type FieldError } from '@aileron/errors';
import type { z } from 'zod';
import { AileronSettings } from './aileron-settings.js';
import { nearestName } from './nearest-name.js';
import { isSecretField } from './secret-field.js';
import { readSecretFile } from './secret-file.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables that a schema names, once. An empty value counts as absent; for a secret, `NAME_FILE` names a file
 * that holds the value. An AILERON_ variable that no part knows is refused. A message names the variable, never its value.
 * @throws AileronError CONFIG_INVALID with every wrong field
 */
export function loadConfig<S extends z.ZodObject>(schema: S, environment: Environment = process.env): z.infer<S> {
  const fields: FieldError[] = unknownVariables(environment, schema);
  const values: Record<string, string> = {};
  const unread = new Set<string>();
  for (const name of Object.keys(schema.shape)) {
    const read = readVariable(environment, name, isSecretField(schema.shape[name] as z.core.$ZodType));
    if (read === undefined) continue;
    if ('text' in read) values[name] = read.text;
    else fields.push(read.field);
    if ('field' in read) unread.add(name);
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) fields.push(...invalidFields(parsed.error, values, unread));
  if (fields.length > 0 || !parsed.success) throw new AileronError('CONFIG_INVALID', { fields });
  return parsed.data as z.infer<S>;
}

type Read = { readonly text: string } | { readonly field: FieldError } | undefined;

function readVariable(environment: Environment, name: string, isSecret: boolean): Read {
  const direct = environment[name] || undefined;
  const path = isSecret ? environment[`${name}_FILE`] || undefined : undefined;
  if (path === undefined) return direct === undefined ? undefined : { text: direct };
  if (direct !== undefined) return { field: { field: name, message: `set either ${name} or ${name}_FILE, not both` } };
  const read = readSecretFile(path);
  return 'text' in read ? read : { field: { field: `${name}_FILE`, message: read.problem } };
}

function unknownVariables(environment: Environment, schema: z.ZodObject): FieldError[] {
  const known = new Set([AileronSettings, schema].flatMap(({ shape }) => namesOf(shape)));
  return Object.keys(environment)
    .filter((name) => name.startsWith('AILERON_') && !known.has(name))
    .map((name) => ({ field: name, message: `is not a setting of Aileron${suggestion(name, [...known])}` }));
}

const namesOf = (shape: Readonly<Record<string, z.core.$ZodType>>): string[] =>
  Object.entries(shape).flatMap(([name, field]) => (isSecretField(field) ? [name, `${name}_FILE`] : [name]));

function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

function invalidFields(
  error: z.ZodError,
  values: Readonly<Record<string, string>>,
  unread: ReadonlySet<string>,
): FieldError[] {
  return error.issues
    .map((issue) => ({ field: String(issue.path[0] ?? '(all)'), message: messageOf(issue, values) }))
    .filter(({ field }) => !unread.has(field));
}

/** Zod's own messages can repeat the input; these cannot. */
function messageOf(issue: z.core.$ZodIssue, values: Readonly<Record<string, string>>): string {
  if (issue.code === 'custom') return issue.message;
  if (!Object.hasOwn(values, String(issue.path[0]))) return 'is required';
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  return `is not valid (${issue.code.replaceAll('_', ' ')})`;
}
