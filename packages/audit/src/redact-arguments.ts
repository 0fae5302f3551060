/** JSON Schema, as far as redaction reads it. */
interface SchemaNode {
  readonly format?: unknown;
  readonly writeOnly?: unknown;
  readonly 'x-secret'?: unknown;
  readonly properties?: unknown;
  readonly additionalProperties?: unknown;
  readonly items?: unknown;
  readonly allOf?: unknown;
  readonly anyOf?: unknown;
  readonly oneOf?: unknown;
}

export const REDACTED = '[redacted]';

const MAX_STRING = 2_048;
const MAX_ITEMS = 256;
const MAX_DEPTH = 16;
/** Of all the arguments together, as JSON. */
const MAX_JSON = 16_384;

/**
 * Arguments as an audit record may hold them. Gone are the paths that `redact` names (`input.password`, `items.*.token`;
 * a bare name hides that key at any depth) and what the schema marks: `format: password`, `writeOnly`, `x-secret`.
 * Long strings, long lists and deep values are cut, and say so.
 */
export function redactArguments(
  values: Readonly<Record<string, unknown>>,
  rules: { readonly redact: readonly string[]; readonly schema?: unknown },
): Record<string, unknown> {
  const paths = rules.redact.map((path) => path.split('.'));
  const redacted = redactObject(values, [], [rules.schema], paths);
  const bytes = JSON.stringify(redacted).length;
  return bytes <= MAX_JSON ? redacted : { '[omitted]': `${Object.keys(values).length} arguments, ${bytes} characters` };
}

type Path = readonly string[];

function redactObject(
  object: Readonly<Record<string, unknown>>,
  at: Path,
  schemas: readonly unknown[],
  paths: readonly Path[],
): Record<string, unknown> {
  const entries = Object.entries(object).map(([key, value]) => {
    return [key, redactValue(value, [...at, key], propertySchemas(schemas, key), paths)] as const;
  });
  // fromEntries defines, so that a key named __proto__ stays a key.
  return Object.fromEntries(entries);
}

function redactValue(value: unknown, at: Path, schemas: readonly unknown[], paths: readonly Path[]): unknown {
  if (value === null || value === undefined) return value;
  if (paths.some((path) => hides(path, at)) || schemas.some(isSecret)) return REDACTED;
  if (typeof value === 'string') return cutString(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object') return `[${typeof value}]`;
  if (at.length >= MAX_DEPTH) return '[too deep]';
  if (!Array.isArray(value)) return redactObject(value as Readonly<Record<string, unknown>>, at, schemas, paths);
  const items = value
    .slice(0, MAX_ITEMS)
    .map((item: unknown) => redactValue(item, [...at, '*'], itemSchemas(schemas), paths));
  return value.length > MAX_ITEMS ? [...items, `[+${value.length - MAX_ITEMS} items]`] : items;
}

function hides(path: Path, at: Path): boolean {
  if (path.length === 1) return at.at(-1) === path[0];
  return path.length === at.length && path.every((part, i) => part === '*' || part === at[i]);
}

function cutString(text: string): string {
  return text.length <= MAX_STRING ? text : `${text.slice(0, MAX_STRING)}[+${text.length - MAX_STRING} characters]`;
}

const isObject = (value: unknown): value is SchemaNode => typeof value === 'object' && value !== null;

function isSecret(schema: unknown): boolean {
  return isObject(schema) && (schema.format === 'password' || schema.writeOnly === true || schema['x-secret'] === true);
}

/** Schemas with what they are composed of, flat and each once. */
function flatten(schemas: readonly unknown[]): SchemaNode[] {
  const flat = new Set<SchemaNode>();
  const visit = (schema: unknown): void => {
    if (!isObject(schema) || flat.has(schema)) return;
    flat.add(schema);
    for (const part of [schema.allOf, schema.anyOf, schema.oneOf]) if (Array.isArray(part)) part.forEach(visit);
  };
  schemas.forEach(visit);
  return [...flat];
}

function propertySchemas(schemas: readonly unknown[], key: string): SchemaNode[] {
  const found = flatten(schemas).map((schema) => {
    const properties = isObject(schema.properties) ? (schema.properties as Readonly<Record<string, unknown>>) : {};
    return Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties;
  });
  return flatten(found);
}

function itemSchemas(schemas: readonly unknown[]): SchemaNode[] {
  return flatten(flatten(schemas).map((schema) => schema.items));
}
