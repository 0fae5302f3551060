import { sha256 } from '@noble/hashes/sha2.js';
import { parse } from 'yaml';
import type { Connector, ConnectorSource, GraphqlOperation, Operation, RestOperation } from './connector.js';
import { invalidConnector } from './invalid-connector.js';
import type { JsonSchema } from './json-schema.js';
import { OpenApiDocument } from './openapi-document.js';
import { Overlay, type GraphqlAction, type RestAction } from './overlay.js';

const LONGEST_TEXT = 4 << 20;

/**
 * A connector from its two texts. Nothing of them is executed or compiled to code.
 * @throws AileronError CONNECTOR_INVALID with the place
 */
export function compileConnector(source: ConnectorSource): Connector {
  const overlay = readOverlay(source);
  const document = new OpenApiDocument(source.name, readYaml(source, 'openapi'));
  const operations = overlay.actions.map((action) =>
    'graphql' in action
      ? graphqlOperation(overlay.name, action, document)
      : restOperation(overlay.name, action, document),
  );
  refuseTwice(source.name, operations);
  const { name, version, title, description, credential } = overlay;
  const content = { name, version, title, description, hosts: document.hosts, credential, operations };
  return { ...content, digest: digestOf(content) };
}

function readOverlay(source: ConnectorSource): Overlay {
  const parsed = Overlay.safeParse(readYaml(source, 'overlay'));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalidConnector(source.name, `connector.${issue?.path.join('.')}`, issue?.message ?? '');
  }
  if (parsed.data.name !== source.name)
    throw invalidConnector(source.name, 'connector.name', 'must be the name of the package');
  return parsed.data;
}

function readYaml(source: ConnectorSource, part: 'openapi' | 'overlay'): unknown {
  if (source[part].length > LONGEST_TEXT) throw invalidConnector(source.name, part, 'is too large');
  try {
    return parse(source[part], { maxAliasCount: 0, uniqueKeys: true });
  } catch (cause) {
    throw invalidConnector(source.name, part, 'is not YAML without aliases', cause);
  }
}

function base(connector: string, action: RestAction | GraphqlAction) {
  const { name, title, description, effect, idempotent, approval, maxBodyBytes, digestHeaders, redact, shim } = action;
  return {
    name: `${connector}.${name}`,
    title,
    description,
    effect,
    idempotent,
    approval,
    maxBodyBytes,
    digestHeaders,
    redact,
    shim,
  };
}

function graphqlOperation(connector: string, action: GraphqlAction, document: OpenApiDocument): GraphqlOperation {
  const { method, path } = document.operation(action.graphql.endpoint);
  const { type, field } = action.graphql;
  const parameters = document.schema(action.graphql.arguments);
  return {
    ...base(connector, action),
    kind: 'graphql',
    method,
    path,
    type,
    field,
    body: 'inspected',
    parameters,
    usage: null,
  };
}

function restOperation(connector: string, action: RestAction, document: OpenApiDocument): RestOperation {
  const { method, path, parameters, bodySchema } = document.operation(action.operationId);
  if (action.body === 'streamed' && action.approval === 'ask') {
    throw invalidConnector(
      connector,
      `actions.${action.name}`,
      'a streamed body is not seen, so it cannot be asked for',
    );
  }
  const inPath = parameters.filter((each) => each.in === 'path');
  const inQuery = parameters.filter((each) => each.in === 'query');
  const { body, argumentFields, usage } = action;
  return {
    ...base(connector, action),
    kind: 'rest',
    method,
    path,
    body,
    usage,
    argumentFields,
    bodySchema,
    pathParameters: Object.fromEntries(inPath.map(({ name, schema }) => [name, schema])),
    queryParameters: Object.fromEntries(inQuery.map(({ name, schema, required }) => [name, { schema, required }])),
    parameters: argumentSchema(
      [...inPath.map((each) => ({ ...each, required: true })), ...inQuery],
      bodySchema,
      argumentFields,
    ),
  };
}

function argumentSchema(
  parameters: readonly { readonly name: string; readonly required: boolean; readonly schema: JsonSchema }[],
  bodySchema: JsonSchema | null,
  argumentFields: readonly string[] | null,
): JsonSchema {
  const body = Object.entries(bodySchema?.properties ?? {}).filter(
    ([name]) => argumentFields === null || argumentFields.includes(name),
  );
  const bodyRequired = (bodySchema?.required ?? []).filter((name) => body.some(([each]) => each === name));
  return {
    type: 'object',
    required: [...parameters.filter((each) => each.required).map((each) => each.name), ...bodyRequired],
    properties: Object.fromEntries([...parameters.map(({ name, schema }) => [name, schema] as const), ...body]),
  };
}

function refuseTwice(connector: string, operations: readonly Operation[]): void {
  const seen = new Set<string>();
  for (const operation of operations) {
    const place =
      operation.kind === 'rest'
        ? `${operation.method} ${operation.path}`
        : `${operation.path} ${operation.type} ${operation.field}`;
    for (const key of [operation.name, place.replaceAll(/\{\w+\}/g, '{}')]) {
      if (seen.has(key)) throw invalidConnector(connector, key, 'is there twice');
      seen.add(key);
    }
  }
}

function digestOf(content: object): string {
  const bytes = sha256(new TextEncoder().encode(JSON.stringify(content)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
