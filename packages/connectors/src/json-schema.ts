import { z } from 'zod';
import { BoundedPattern } from './bounded-pattern.js';
import { firstIssue } from './first-issue.js';

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';
type Scalar = string | number | boolean | null;

/**
 * The part of JSON Schema 2020-12 that a connector may use: what can be checked without compiling foreign code. Every
 * other keyword is refused when the connector is compiled.
 */
export interface JsonSchema {
  readonly type?: JsonType | readonly JsonType[];
  readonly description?: string;
  readonly enum?: readonly Scalar[];
  readonly const?: Scalar;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  /** False when absent, unless the schema says nothing at all about objects: `{}` takes anything. */
  readonly additionalProperties?: boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  /** An annotation, as the specification has it; `password` is redacted. */
  readonly format?: string;
  /** Redacted in audits and previews. */
  readonly writeOnly?: boolean;
  readonly 'x-secret'?: boolean;
}

const JsonType = z.enum(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
const Scalar = z.union([z.string().max(1_024), z.number(), z.boolean(), z.null()]);
const Count = z.int().min(0);
const Property = z
  .string()
  .max(128)
  .refine((name) => name !== '__proto__', 'is a name that is not taken');

/** Keywords that say something to people and nothing to the matcher: they are read and left out. */
const documentation = {
  title: z.unknown().optional(),
  default: z.unknown().optional(),
  example: z.unknown().optional(),
  examples: z.unknown().optional(),
  deprecated: z.boolean().optional(),
};

const isDocumentation = (keyword: string): boolean => Object.hasOwn(documentation, keyword);

const Schema: z.ZodType<object> = z.lazy(() =>
  z
    .strictObject({
      ...documentation,
      type: z.union([JsonType, z.array(JsonType).min(1).max(7)]).optional(),
      description: z.string().max(4_096).optional(),
      enum: z.array(Scalar).min(1).max(500).optional(),
      const: Scalar.optional(),
      required: z.array(Property).max(500).optional(),
      properties: z.record(Property, Schema).optional(),
      additionalProperties: z.boolean('must be true or false').optional(),
      items: Schema.optional(),
      anyOf: z.array(Schema).min(1).max(8).optional(),
      oneOf: z.array(Schema).min(1).max(8).optional(),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      minLength: Count.optional(),
      maxLength: Count.optional(),
      minItems: Count.optional(),
      maxItems: Count.optional(),
      pattern: z
        .string()
        .refine((text) => BoundedPattern.parse(text) !== null, 'only ^ a row of classes with counts $')
        .optional(),
      format: z.string().max(64).optional(),
      writeOnly: z.boolean().optional(),
      'x-secret': z.boolean().optional(),
    })
    .transform((schema) => Object.fromEntries(Object.entries(schema).filter(([keyword]) => !isDocumentation(keyword)))),
);

export type SchemaReading =
  | { readonly ok: true; readonly schema: JsonSchema }
  | { readonly ok: false; readonly place: string; readonly reason: string };

/** A foreign value as a schema that can be checked, or where and why it is none. It must be free of references. */
export function readJsonSchema(value: unknown): SchemaReading {
  const parsed = Schema.safeParse(value);
  if (parsed.success) return { ok: true, schema: parsed.data };
  const { path, message } = firstIssue(parsed.error);
  return { ok: false, place: path.join('.'), reason: message };
}

/** `T` of a schema that is `T` or null; null when it is nothing of the kind. */
export function nonNull(schema: JsonSchema): JsonSchema | null {
  if (Array.isArray(schema.type)) {
    const types = (schema.type as readonly JsonType[]).filter((type) => type !== 'null');
    return types.length === 1 && types[0] !== undefined ? { ...schema, type: types[0] } : null;
  }
  const branches = (schema.anyOf ?? schema.oneOf ?? []).filter(({ type }) => type !== 'null');
  return branches.length === 1 && branches[0] !== undefined ? branches[0] : null;
}
