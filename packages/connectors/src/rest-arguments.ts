import { AileronError, type FieldError } from '@aileron/errors';
import type { CanonicalRequest, RestOperation } from './connector.js';
import type { JsonSchema } from './json-schema.js';
import { parseStrictJson } from './strict-json.js';
import { validateValue } from './validate-value.js';

/** The arguments of a REST operation: path, query and body, each checked. @throws AileronError ARGUMENTS_INVALID */
export function restArguments(
  operation: RestOperation,
  pathValues: readonly string[],
  request: CanonicalRequest,
): Record<string, unknown> {
  const path = readPath(operation, pathValues);
  const query = readQuery(operation, request.query);
  const body = readBody(operation, request.body);
  const shown = operation.argumentFields === null ? body : pick(body, operation.argumentFields);
  return { ...path, ...query, ...shown };
}

/** Path parameters fit, or the path is not of this operation. */
export function pathFits(operation: RestOperation, pathValues: readonly string[]): boolean {
  const schemas = Object.values(operation.pathParameters);
  return pathValues.every((value, index) => {
    const decoded = decode(value);
    return decoded !== null && validateValue(decoded, schemas[index] ?? {}).length === 0;
  });
}

function readPath(operation: RestOperation, values: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(operation.pathParameters).map((name, index) => [name, decode(values[index] ?? '')]),
  );
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

function readQuery(operation: RestOperation, query: CanonicalRequest['query']): Record<string, unknown> {
  const errors: FieldError[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, text] of query) {
    const parameter = Object.hasOwn(operation.queryParameters, name) ? operation.queryParameters[name] : undefined;
    const field = `query.${name.slice(0, 64)}`;
    if (parameter === undefined) errors.push({ field, message: 'is not known here' });
    else if (Object.hasOwn(values, name)) errors.push({ field, message: 'is given twice' });
    else {
      values[name] = typed(text, parameter.schema);
      errors.push(...validateValue(values[name], parameter.schema, field));
    }
  }
  for (const [name, { required }] of Object.entries(operation.queryParameters)) {
    if (required && !Object.hasOwn(values, name)) errors.push({ field: `query.${name}`, message: 'is required' });
  }
  if (errors.length > 0) throw new AileronError('ARGUMENTS_INVALID', { fields: errors });
  return values;
}

function typed(text: string, schema: JsonSchema): unknown {
  if ((schema.type === 'integer' || schema.type === 'number') && /^-?\d{1,15}(\.\d{1,15})?$/.test(text))
    return Number(text);
  if (schema.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function readBody(operation: RestOperation, body: Uint8Array | null): Record<string, unknown> {
  if (operation.bodySchema === null) {
    if (body === null || body.length === 0) return {};
    throw new AileronError('ARGUMENTS_INVALID', { fields: [{ field: '(body)', message: 'is not taken here' }] });
  }
  const value = parseStrictJson(body ?? new Uint8Array());
  const fields = validateValue(value, operation.bodySchema);
  if (fields.length > 0) throw new AileronError('ARGUMENTS_INVALID', { fields });
  return value as Record<string, unknown>;
}

function pick(values: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(values, name)).map((name) => [name, values[name]]));
}
