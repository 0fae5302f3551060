import { AileronError, type FieldError } from '@aileron/errors';
import type { CanonicalRequest, RestOperation } from './connector.js';
import type { JsonSchema } from './json-schema.js';
import { parseStrictJson } from './strict-json.js';
import { validateValue } from './validate-value.js';

const MOST_ERRORS = 20;
/** What an upstream could take for structure, in a decoded path parameter. */
const STRUCTURE = /[/\\\u0000-\u001f\u007f]/;

/** No leading zeros, no exponent, no `+`, no `-0`. */
const PLAIN_NUMBER = /^(?:0|-?[1-9]\d{0,14}|-?(?:0|[1-9]\d{0,9})\.\d{1,6})$/;

/** Values of a template's parameters by name, decoded; null when they do not fit, that is the path is not of this operation. */
export function readPath(
  operation: RestOperation,
  names: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  const values: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const value = decode(segments[index] ?? '');
    const schema = operation.pathParameters[name];
    if (value === null || schema === undefined || validateValue(typed(value, schema), schema).length > 0) return null;
    values[name] = value;
  }
  return values;
}

/**
 * The arguments of a REST operation: path, query and body, each checked. A streamed body is not looked at.
 * @throws AileronError ARGUMENTS_INVALID
 */
export function restArguments(
  operation: RestOperation,
  path: Readonly<Record<string, string>>,
  request: CanonicalRequest,
): Record<string, unknown> {
  const query = readQuery(operation, request.query);
  const body = operation.body === 'streamed' ? {} : readBody(operation, request);
  const shown = operation.argumentFields === null ? body : pick(body, operation.argumentFields);
  const typedPath = Object.entries(path).map(
    ([name, value]) => [name, typed(value, operation.pathParameters[name] ?? {})] as const,
  );
  // An open body may carry a field of the same name: what addresses the call wins over what is in it.
  return { ...shown, ...query, ...Object.fromEntries(typedPath) };
}

function decode(segment: string): string | null {
  try {
    const value = decodeURIComponent(segment);
    return STRUCTURE.test(value) || value === '.' || value === '..' ? null : value;
  } catch {
    return null;
  }
}

function readQuery(operation: RestOperation, query: CanonicalRequest['query']): Record<string, unknown> {
  const errors: FieldError[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, text] of query) {
    if (errors.length >= MOST_ERRORS) break;
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
  if (errors.length > 0) throw new AileronError('ARGUMENTS_INVALID', { operation: operation.name, fields: errors });
  return values;
}

/** Text as the schema's type, in its one plain spelling; otherwise it stays text, and is refused as such. */
function typed(text: string, schema: JsonSchema): unknown {
  const types = [schema.type ?? []].flat();
  const isNumber = types.includes('integer') || types.includes('number');
  if (isNumber && PLAIN_NUMBER.test(text)) return Number(text);
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function readBody(
  operation: RestOperation,
  { body, json }: Pick<CanonicalRequest, 'body' | 'json'>,
): Record<string, unknown> {
  if (operation.bodySchema === null) {
    if (body === null || body.length === 0) return {};
    throw new AileronError('ARGUMENTS_INVALID', {
      operation: operation.name,
      fields: [{ field: '(body)', message: 'is not taken here' }],
    });
  }
  const value = json ?? parseStrictJson(body ?? new Uint8Array());
  const fields = validateValue(value, operation.bodySchema);
  if (fields.length > 0) throw new AileronError('ARGUMENTS_INVALID', { operation: operation.name, fields });
  return value as Record<string, unknown>;
}

function pick(values: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(values, name)).map((name) => [name, values[name]]));
}
