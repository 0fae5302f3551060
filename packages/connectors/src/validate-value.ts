import type { FieldError } from '@aileron/errors';
import { BoundedPattern } from './bounded-pattern.js';
import type { JsonSchema, JsonType } from './json-schema.js';

const MOST_ERRORS = 20;

/** Everything in a value that does not fit a schema, by field. Empty: it fits. */
export function validateValue(value: unknown, schema: JsonSchema, field = ''): FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, field, errors);
  return errors;
}

const fits = (value: unknown, schema: JsonSchema): boolean => validateValue(value, schema).length === 0;

function check(value: unknown, schema: JsonSchema, field: string, errors: FieldError[]): void {
  if (errors.length >= MOST_ERRORS) return;
  const fail = (message: string): void => void errors.push({ field: field || '(body)', message });
  const types = schema.type === undefined ? null : ([schema.type].flat() as JsonType[]);
  if (types !== null && !types.some((type) => isOfType(value, type))) return fail(`must be ${types.join(' or ')}`);
  if (schema.const !== undefined && value !== schema.const) return fail(`must be ${JSON.stringify(schema.const)}`);
  if (schema.enum !== undefined && !schema.enum.some((each) => each === value))
    return fail(`must be one of ${schema.enum.join(', ').slice(0, 300)}`);
  if (schema.anyOf !== undefined && !schema.anyOf.some((each) => fits(value, each)))
    return fail('fits none of the forms it may have');
  if (schema.oneOf !== undefined && schema.oneOf.filter((each) => fits(value, each)).length !== 1)
    return fail('must fit exactly one of its forms');
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
  else if (pattern !== undefined && BoundedPattern.parse(pattern)?.matches(value) !== true)
    fail(`must match ${pattern}`);
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
  const { required = [], properties = {}, additionalProperties = saysNothing(schema) } = schema;
  const path = (name: string): string => (field === '' ? name : `${field}.${name}`);
  for (const name of required)
    if (!Object.hasOwn(value, name)) errors.push({ field: path(name), message: 'is required' });
  for (const name of Object.keys(value)) {
    if (errors.length >= MOST_ERRORS) return;
    const child = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (child !== undefined) check(value[name], child, path(name), errors);
    else if (!additionalProperties) errors.push({ field: path(name).slice(0, 128), message: 'is not known here' });
  }
}

/** A schema that does not speak of objects takes any; one that does is closed unless it says otherwise. */
function saysNothing({ type, properties, required, anyOf, oneOf }: JsonSchema): boolean {
  return (type ?? properties ?? required) === undefined || (properties === undefined && (anyOf ?? oneOf) !== undefined);
}
