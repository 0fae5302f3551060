import { z } from 'zod';
import { invalidConnector } from './invalid-connector.js';
import type { JsonSchema } from './json-schema.js';
import { schemaFault } from './json-schema.js';

const Parameter = z.looseObject({
  name: z.string().min(1).max(64),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().default(false),
  schema: z.unknown(),
});
const OperationObject = z.looseObject({
  operationId: z.string().min(1).max(128),
  parameters: z.array(Parameter).max(64).default([]),
  requestBody: z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.unknown() })) }).optional(),
});
const Document = z.looseObject({
  openapi: z.string().regex(/^3\.1\.\d+$/, 'must be 3.1'),
  servers: z
    .array(z.looseObject({ url: z.string().max(300) }))
    .min(1)
    .max(16),
  paths: z.record(
    z.string().regex(/^\/[\w{}./~-]*$/, 'must be a plain path template'),
    z.record(z.string(), z.unknown()),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()).default({}) }).default({ schemas: {} }),
});

export interface OpenApiOperation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly bodySchema: JsonSchema | null;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head'];
const DEEPEST_REFERENCE = 24;

/** An OpenAPI 3.1 document, as far as a connector needs it. Every reference must be inside of it. */
export class OpenApiDocument {
  readonly hosts: readonly string[];
  private readonly operations = new Map<string, OpenApiOperation>();
  private readonly document: z.infer<typeof Document>;

  /** @throws AileronError CONNECTOR_INVALID with the place */
  constructor(
    private readonly connector: string,
    value: unknown,
  ) {
    const parsed = Document.safeParse(value);
    if (!parsed.success)
      throw invalidConnector(
        connector,
        `openapi.${parsed.error.issues[0]?.path.join('.')}`,
        parsed.error.issues[0]?.message ?? '',
      );
    this.document = parsed.data;
    this.hosts = this.document.servers.map(({ url }) => this.hostOf(url));
    for (const [path, item] of Object.entries(this.document.paths))
      for (const method of METHODS) this.read(path, method, item[method]);
  }

  operation(operationId: string): OpenApiOperation {
    const found = this.operations.get(operationId);
    if (found === undefined)
      throw invalidConnector(this.connector, `operationId ${operationId}`, 'is not in openapi.yaml');
    return found;
  }

  schema(name: string): JsonSchema {
    return this.resolve({ $ref: `#/components/schemas/${name}` }, `components.schemas.${name}`);
  }

  private hostOf(url: string): string {
    const match = /^https:\/\/([a-z0-9]([a-z0-9.-]*[a-z0-9])?)\/?$/.exec(url);
    if (!match?.[1])
      throw invalidConnector(
        this.connector,
        'openapi.servers',
        'must be https://host, without port, path or variables',
      );
    return match[1];
  }

  private read(path: string, method: string, value: unknown): void {
    if (value === undefined) return;
    const place = `paths.${path}.${method}`;
    const parsed = OperationObject.safeParse(value);
    if (!parsed.success) throw invalidConnector(this.connector, place, parsed.error.issues[0]?.message ?? '');
    const { operationId, parameters, requestBody } = parsed.data;
    if (this.operations.has(operationId))
      throw invalidConnector(this.connector, place, `operationId ${operationId} is used twice`);
    const json = requestBody?.content['application/json'];
    if (requestBody !== undefined && json === undefined)
      throw invalidConnector(this.connector, place, 'only application/json bodies');
    this.operations.set(operationId, {
      method: method.toUpperCase(),
      path,
      parameters: parameters.map((each) => ({ ...each, schema: this.resolve(each.schema, `${place}.${each.name}`) })),
      bodySchema: json === undefined ? null : this.resolve(json.schema, `${place}.requestBody`),
    });
    this.checkPath(
      path,
      place,
      parameters.filter((each) => each.in === 'path').map((each) => each.name),
    );
  }

  private checkPath(path: string, place: string, declared: readonly string[]): void {
    const used = path
      .split('/')
      .flatMap((segment) => /^\{(\w+)\}$/.exec(segment)?.[1] ?? (/[{}]/.test(segment) ? ['?'] : []));
    if (used.length !== declared.length || used.some((name, index) => name !== declared[index])) {
      throw invalidConnector(this.connector, place, 'path parameters must be whole segments, declared in their order');
    }
  }

  /** References replaced by what they name; a cycle runs into the depth limit and is refused. */
  private resolve(value: unknown, place: string): JsonSchema {
    const resolved = this.inline(value, place, 0);
    const fault = schemaFault(resolved, place);
    if (fault !== null) throw invalidConnector(this.connector, fault, '');
    return resolved as JsonSchema;
  }

  private inline(value: unknown, place: string, depth: number): unknown {
    if (depth > DEEPEST_REFERENCE)
      throw invalidConnector(this.connector, place, 'references go in a circle, or too deep');
    if (Array.isArray(value)) return value.map((each) => this.inline(each, place, depth + 1));
    if (typeof value !== 'object' || value === null) return value;
    if ('$ref' in value) return this.inline(this.referenced(String(value.$ref), place), place, depth + 1);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, this.inline(each, `${place}.${key}`, depth + 1)]),
    );
  }

  private referenced(reference: string, place: string): unknown {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1];
    const schemas = this.document.components.schemas;
    if (name === undefined || !Object.hasOwn(schemas, name))
      throw invalidConnector(this.connector, place, 'references only #/components/schemas of this document');
    return schemas[name];
  }
}
