import { z } from 'zod';
import { firstIssue } from './first-issue.js';
import { invalidConnector } from './invalid-connector.js';
import { readJsonSchema, type JsonSchema } from './json-schema.js';

/** A name that is no array index, so that an object keeps the order it is written in. */
const Name = z.string().regex(/^(?!__proto__$)[A-Za-z_$][\w$.-]{0,63}$/, 'must be a plain name');
const Parameter = z.looseObject({
  name: Name,
  in: z.enum(['path', 'query'], 'only path and query: headers are declared in connector.yaml'),
  required: z.boolean().default(false),
  schema: z.unknown().optional(),
  /** Every serialisation but the plain one is refused. */
  content: z.undefined('is not supported').optional(),
  style: z.enum(['simple', 'form']).optional(),
});
const Parameters = z.array(Parameter).max(64).default([]);
const NoServers = z.undefined('only the document has servers').optional();
const OperationObject = z.looseObject({
  operationId: z.string().min(1).max(128),
  parameters: Parameters,
  servers: NoServers,
  requestBody: z
    .looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.unknown().optional() })) })
    .optional(),
});
const PathTemplate = z
  .string()
  .max(512)
  .regex(
    /^(?:\/|(?:\/(?:[\w.~-]+|\{[A-Za-z_]\w{0,63}\}))+\/?)$/,
    'must be a path of plain segments and whole-segment {parameters}',
  )
  .refine((path) => !/\/\.{1,2}(?:\/|$)/.test(path), 'must have no dot segments');
const Document = z.looseObject({
  openapi: z.string().regex(/^3\.1\.\d+$/, 'must be 3.1'),
  servers: z
    .array(z.looseObject({ url: z.string().max(300) }))
    .min(1)
    .max(16),
  paths: z.record(
    PathTemplate,
    z.looseObject({ parameters: Parameters, servers: NoServers, $ref: z.undefined('is not supported').optional() }),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()).default({}) }).default({ schemas: {} }),
});

interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: JsonSchema;
}

export interface OpenApiOperation {
  readonly method: string;
  readonly path: string;
  /** Those of the path in the order of its template. */
  readonly parameters: readonly OpenApiParameter[];
  /** Null: takes no JSON body. */
  readonly bodySchema: JsonSchema | null;
  /** Whether it takes a body of any kind. */
  readonly takesBody: boolean;
}

interface Found {
  readonly method: string;
  readonly path: string;
  readonly value: z.infer<typeof OperationObject>;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];
const DEEPEST_REFERENCE = 32;
/** Values of all schemas together, references replaced. */
const MOST_VALUES = 100_000;
const MOST_OPERATIONS = 20_000;
const HOST = /^https:\/\/((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)\/?$/;

/** An OpenAPI 3.1 document, as far as a connector needs it. Every reference must be inside of it. */
export class OpenApiDocument {
  readonly hosts: readonly string[];
  private readonly found = new Map<string, Found>();
  private readonly document: z.infer<typeof Document>;
  private values = 0;

  /** @throws AileronError CONNECTOR_INVALID with the place */
  constructor(
    private readonly connector: string,
    value: unknown,
  ) {
    this.document = this.checked(Document, value, 'openapi');
    this.hosts = [...new Set(this.document.servers.map(({ url }) => this.hostOf(url)))];
    for (const [path, item] of Object.entries(this.document.paths))
      for (const method of METHODS) this.find(path, method, item);
  }

  /** Only what is asked for is compiled: the rest of a document may use what connectors do not support. */
  operation(operationId: string): OpenApiOperation {
    const found = this.found.get(operationId);
    if (found === undefined)
      throw invalidConnector(this.connector, `openapi operationId ${operationId}`, 'is not in openapi.yaml');
    const { method, path, value } = found;
    const place = `openapi.paths.${path}.${method}`;
    const content = value.requestBody?.content;
    const json = content?.['application/json'];
    return {
      method: method.toUpperCase(),
      path,
      parameters: this.parametersOf(found, place),
      bodySchema: json === undefined ? null : this.resolve(json.schema, `${place}.requestBody`),
      takesBody: content !== undefined,
    };
  }

  schema(name: string): JsonSchema {
    return this.resolve({ $ref: `#/components/schemas/${name}` }, `openapi.components.schemas.${name}`);
  }

  private hostOf(url: string): string {
    const host = HOST.exec(url)?.[1];
    if (host === undefined)
      throw invalidConnector(
        this.connector,
        'openapi.servers',
        'must be https://host, without port, path or variables',
      );
    return host;
  }

  private find(path: string, method: string, item: Readonly<Record<string, unknown>>): void {
    if (!Object.hasOwn(item, method)) return;
    const place = `openapi.paths.${path}.${method}`;
    const value = this.checked(OperationObject, item[method], place);
    if (this.found.has(value.operationId))
      throw invalidConnector(this.connector, place, `operationId ${value.operationId} is used twice`);
    if (this.found.size >= MOST_OPERATIONS)
      throw invalidConnector(this.connector, place, `there are more than ${MOST_OPERATIONS} operations`);
    this.found.set(value.operationId, { method, path, value });
  }

  private parametersOf({ path, value }: Found, place: string): OpenApiParameter[] {
    const own = value.parameters;
    const shared = (this.document.paths[path]?.parameters ?? []).filter(
      (each) => !own.some((other) => other.name === each.name && other.in === each.in),
    );
    const all = [...shared, ...own].map(({ name, in: where, required, schema }) => {
      return { name, in: where, required, schema: this.parameterSchema(schema, `${place}.${name}`) };
    });
    const names = pathNames(path);
    const inPath = all.filter((each) => each.in === 'path');
    if (inPath.length !== names.length || new Set(all.map((each) => each.name)).size !== all.length) {
      throw invalidConnector(this.connector, place, 'must declare each parameter once, and those of its path');
    }
    const ordered = names.map((name) => inPath.find((each) => each.name === name));
    if (ordered.includes(undefined))
      throw invalidConnector(this.connector, place, 'must declare the parameters of its path');
    return [...ordered.filter((each) => each !== undefined), ...all.filter((each) => each.in === 'query')];
  }

  private parameterSchema(value: unknown, place: string): JsonSchema {
    const schema = this.resolve(value, place);
    const types = [schema.type ?? []].flat();
    if (types.length === 0 || types.some((type) => type === 'object' || type === 'array')) {
      throw invalidConnector(this.connector, place, 'must have the type of one plain value');
    }
    return schema;
  }

  private checked<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const { path, message } = firstIssue(parsed.error);
    throw invalidConnector(this.connector, [place, ...path].join('.'), message);
  }

  private resolve(value: unknown, place: string): JsonSchema {
    const reading = readJsonSchema(this.inline(value, place, 0));
    if (reading.ok) return reading.schema;
    throw invalidConnector(this.connector, reading.place === '' ? place : `${place}.${reading.place}`, reading.reason);
  }

  /** References replaced by what they name. A cycle runs into the limit of depth, a bomb into that of values. */
  private inline(value: unknown, place: string, depth: number): unknown {
    this.values += 1;
    if (depth > DEEPEST_REFERENCE || this.values > MOST_VALUES)
      throw invalidConnector(this.connector, place, 'references go in a circle, or too far');
    if (Array.isArray(value)) return value.map((each, index) => this.inline(each, `${place}.${index}`, depth + 1));
    if (typeof value !== 'object' || value === null) return value;
    if ('$ref' in value) return this.inline(this.referenced(value, place), place, depth + 1);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, this.inline(each, `${place}.${key}`, depth + 1)]),
    );
  }

  private referenced(value: object, place: string): unknown {
    const { $ref: reference, ...beside } = value as Record<string, unknown>;
    // What stands beside a reference would narrow it: dropping it would widen what is let through.
    if (Object.keys(beside).some((key) => key !== 'description' && key !== 'summary'))
      throw invalidConnector(this.connector, place, 'has keywords beside $ref');
    const name = typeof reference === 'string' ? /^#\/components\/schemas\/([\w.-]+)$/.exec(reference)?.[1] : undefined;
    const { schemas } = this.document.components;
    if (name === undefined || !Object.hasOwn(schemas, name))
      throw invalidConnector(this.connector, place, 'references only #/components/schemas of this document');
    return schemas[name];
  }
}

/** Names of a template's parameters, in their order. */
export const pathNames = (template: string): string[] =>
  Array.from(template.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
