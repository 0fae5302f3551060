/** The part of JSON Schema 2020-12 that a connector may use: what can be checked without compiling foreign code. */
export interface JsonSchema {
  readonly type?: JsonType | readonly JsonType[];
  readonly description?: string;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly const?: string | number | boolean | null;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  /** False when absent. */
  readonly additionalProperties?: boolean;
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
}

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';

const KEYWORDS = new Set([
  'type',
  'description',
  'title',
  'enum',
  'const',
  'required',
  'properties',
  'additionalProperties',
  'items',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'pattern',
  'format',
  'default',
  'examples',
]);
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
/** A row of classes and literals, each with at most one bounded quantifier: linear to match. */
const SAFE_PATTERN = /^\^(?:(?:\[\^?(?:\\[wd]|[\w .:@/+=-])+\]|\\d|\\w|[\w:@/.-])(?:\{\d{1,4}(?:,\d{1,4})?\}|\?)?)+\$$/;
const DEEPEST = 12;

/** What is wrong with a schema, with its place; null when it is one that can be checked. */
export function schemaFault(schema: unknown, place: string, depth = 0): string | null {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return `${place}: must be a schema`;
  if (depth > DEEPEST) return `${place}: deeper than ${DEEPEST}`;
  const fields = schema as Record<string, unknown>;
  const unknown = Object.keys(fields).find((key) => !KEYWORDS.has(key));
  if (unknown !== undefined) return `${place}.${unknown}: this keyword is not supported`;
  const types = [fields['type'] ?? []].flat();
  if (types.some((type) => typeof type !== 'string' || !TYPES.has(type))) return `${place}.type: not a JSON type`;
  const { pattern, additionalProperties, properties = {}, items } = fields;
  if (pattern !== undefined && !(typeof pattern === 'string' && SAFE_PATTERN.test(pattern))) {
    return `${place}.pattern: only anchored rows of classes with bounded quantifiers`;
  }
  if (additionalProperties !== undefined && typeof additionalProperties !== 'boolean')
    return `${place}.additionalProperties: true or false`;
  for (const [name, child] of Object.entries(properties as object)) {
    const fault = schemaFault(child, `${place}.properties.${name}`, depth + 1);
    if (fault !== null) return fault;
  }
  return items === undefined ? null : schemaFault(items, `${place}.items`, depth + 1);
}
