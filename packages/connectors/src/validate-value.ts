import type { FieldError } from '@aileron/errors';
import type { JsonSchema, JsonType } from './json-schema.js';

const MOST_ERRORS = 20;

/** Everything in a value that does not fit a schema, by field. Empty: it fits. */
export function validateValue(value: unknown, schema: JsonSchema, field = ''): FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, field, errors);
  return errors;
}

function check(value: unknown, schema: JsonSchema, field: string, errors: FieldError[]): void {
  if (errors.length >= MOST_ERRORS) return;
  const fail = (message: string): void => void errors.push({ field: field || '(body)', message });
  const types = schema.type === undefined ? null : ([schema.type].flat() as JsonType[]);
  if (types !== null && !types.some((type) => isOfType(value, type))) return fail(`must be ${types.join(' or ')}`);
  if (schema.const !== undefined && value !== schema.const) return fail(`must be ${JSON.stringify(schema.const)}`);
  if (schema.enum !== undefined && !schema.enum.includes(value as string))
    return fail(`must be one of ${schema.enum.join(', ')}`);
  if (typeof value === 'string') checkString(value, schema, fail);
  else if (typeof value === 'number') checkNumber(value, schema, fail);
  else if (Array.isArray(value)) checkArray(value, schema, field, errors);
  else if (typeof value === 'object' && value !== null)
    checkObject(value as Record<string, unknown>, schema, field, errors);
}

function isOfType(value: unknown, type: JsonType): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

function checkString(
  value: string,
  { minLength = 0, maxLength = Infinity, pattern }: JsonSchema,
  fail: (message: string) => void,
): void {
  if (value.length < minLength) fail(`must have at least ${minLength} characters`);
  else if (value.length > maxLength) fail(`must have at most ${maxLength} characters`);
  else if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) fail(`must match ${pattern}`);
}

function checkNumber(
  value: number,
  { minimum = -Infinity, maximum = Infinity }: JsonSchema,
  fail: (message: string) => void,
): void {
  if (value < minimum) fail(`must be at least ${minimum}`);
  else if (value > maximum) fail(`must be at most ${maximum}`);
}

function checkArray(value: readonly unknown[], schema: JsonSchema, field: string, errors: FieldError[]): void {
  const { minItems = 0, maxItems = Infinity, items } = schema;
  if (value.length < minItems) errors.push({ field, message: `must have at least ${minItems} items` });
  else if (value.length > maxItems) errors.push({ field, message: `must have at most ${maxItems} items` });
  else if (items !== undefined) value.forEach((item, index) => check(item, items, `${field}[${index}]`, errors));
}

function checkObject(value: Record<string, unknown>, schema: JsonSchema, field: string, errors: FieldError[]): void {
  const { required = [], properties, additionalProperties = properties === undefined } = schema;
  const path = (name: string): string => (field === '' ? name : `${field}.${name}`);
  for (const name of required)
    if (!Object.hasOwn(value, name)) errors.push({ field: path(name), message: 'is required' });
  for (const [name, child] of Object.entries(value)) {
    const childSchema = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (childSchema !== undefined) check(child, childSchema, path(name), errors);
    else if (!additionalProperties) errors.push({ field: path(name).slice(0, 128), message: 'is not known here' });
  }
}
