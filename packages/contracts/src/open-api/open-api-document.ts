import { z } from 'zod';
import { Problem } from '../rest/problem.js';
import { COMMON_ERRORS, type Route, type RouteStream } from '../workspace/route.js';
import { StreamNotice } from '../workspace/streams.js';
import { SchemaComponents, type JsonSchema } from './schema-components.js';

export interface OpenApiOptions {
  readonly version: string;
  /** Of the error table: what each code is over HTTP. */
  readonly errors: Readonly<Record<string, { readonly http: number; readonly message: string }>>;
}

/** The OpenAPI 3.1 document of routes: plain data, the same for the same table. */
export function openApiDocument(routes: Readonly<Record<string, Route>>, options: OpenApiOptions): JsonSchema {
  const components = new SchemaComponents();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const [id, route] of Object.entries(routes)) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operation(id, route, { ...options, components });
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Aileron workspaces',
      version: options.version,
      description: 'Create workspaces, talk to agents in them, read what they changed.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://localhost:3001', description: 'workspace-manager' }],
    tags: [...new Set(Object.values(routes).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: components.schemas },
  };
}

type Context = OpenApiOptions & { readonly components: SchemaComponents };

function operation(id: string, route: Route, context: Context): JsonSchema {
  const { components } = context;
  const parameters = [
    ...parametersOf(route.params, 'path', id, components),
    ...parametersOf(route.query, 'query', id, components),
    ...(route.ifMatch === true ? [IF_MATCH] : []),
  ];
  const body = route.body && components.schemaOf(route.body, { io: 'input', owner: id });
  return {
    operationId: id,
    summary: route.summary,
    tags: [route.tag],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: { [success(route)]: answer(id, route, components), ...refusals(route, context) },
  };
}

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The generation that was read, in quotes: the change counts only when it is the present one.',
  schema: { type: 'string', pattern: '^"\\d{1,15}"$' },
};

function parametersOf(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  id: string,
  components: SchemaComponents,
) {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = components.schemaOf(schema, { io: 'input', owner: id }) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, own]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: own,
  }));
}

const success = ({ status, stream }: Route): string => (stream?.kind === 'frames' ? '101' : String(status));

function answer(id: string, { stream, response }: Route, components: SchemaComponents): JsonSchema {
  if (stream !== undefined) return streamAnswer(id, stream, components);
  if (response === undefined) return { description: 'It is done.' };
  const schema = components.schemaOf(response, { io: 'output', owner: id });
  return { description: 'As asked.', content: { 'application/json': { schema } } };
}

/** OpenAPI 3.1 has no words for streams: what a message is stands beside. */
function streamAnswer(id: string, stream: RouteStream, components: SchemaComponents): JsonSchema {
  const schemaOf = (schema: z.ZodType) => components.schemaOf(schema, { io: 'output', owner: id });
  if (stream.kind === 'frames') {
    return {
      description: 'A WebSocket: binary frames, and input as JSON the other way.',
      'x-input': schemaOf(stream.input),
    };
  }
  const messages =
    stream.kind === 'changes'
      ? { 'x-message': schemaOf(stream.message) }
      : { 'x-event': schemaOf(stream.event), 'x-snapshot': schemaOf(stream.snapshot) };
  return {
    description:
      stream.kind === 'changes'
        ? 'Messages as server-sent events, or over WebSocket.'
        : 'Numbered deliveries as server-sent events, or over WebSocket; attach again with the epoch and seq that were reached.',
    content: { 'text/event-stream': { schema: { type: 'string' }, ...messages, 'x-notice': schemaOf(StreamNotice) } },
  };
}

/** The codes of a route by their status: a problem body each. */
function refusals(route: Route, { errors, components }: Context): Readonly<Record<string, JsonSchema>> {
  const schema = components.schemaOf(Problem, { io: 'output', owner: 'Problem' });
  const byStatus: Record<string, string[]> = {};
  for (const code of [...COMMON_ERRORS, ...route.errors]) {
    const definition = errors[code];
    if (definition === undefined) throw new Error(`${code} is not in the error table`);
    (byStatus[String(definition.http)] ??= []).push(`${code}: ${definition.message}`);
  }
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, lines]) => [
      status,
      { description: lines.join(' '), content: { 'application/problem+json': { schema } } },
    ]),
  );
}
