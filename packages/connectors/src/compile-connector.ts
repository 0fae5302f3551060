import { sha256 } from '@noble/hashes/sha2.js';
import { canonicalJson } from './canonical-json.js';
import { checkOperations } from './check-operations.js';
import type { Connector, ConnectorSource, GraphqlOperation, Operation, RestOperation } from './connector.js';
import { firstIssue } from './first-issue.js';
import { invalidConnector } from './invalid-connector.js';
import type { JsonSchema } from './json-schema.js';
import { OpenApiDocument, type OpenApiOperation } from './openapi-document.js';
import { Overlay, type GraphqlAction, type RestAction } from './overlay.js';
import { readYaml } from './read-yaml.js';

/**
 * A connector from its two texts. Nothing of them is executed or compiled to code; every bound and every contradiction
 * that can be seen is refused here, so that the data plane only looks things up.
 * @throws AileronError CONNECTOR_INVALID with the place
 */
export function compileConnector(source: ConnectorSource): Connector {
  const overlay = readOverlay(source);
  const document = new OpenApiDocument(source.name, readYaml(source.name, 'openapi', source.openapi));
  const operations = overlay.actions.map((action): Operation =>
    'graphql' in action
      ? graphqlOperation(overlay.name, action, document)
      : restOperation(overlay.name, action, document),
  );
  checkOperations(source.name, operations);
  const { name, version, title, description, credential } = overlay;
  const content = { name, version, title, description, hosts: document.hosts, credential, operations };
  return { ...content, digest: digestOf(content) };
}

function readOverlay(source: ConnectorSource): Overlay {
  const parsed = Overlay.safeParse(readYaml(source.name, 'connector', source.overlay));
  if (!parsed.success) {
    const { path, message } = firstIssue(parsed.error);
    throw invalidConnector(source.name, ['connector', ...path].join('.'), message);
  }
  if (parsed.data.name !== source.name)
    throw invalidConnector(source.name, 'connector.name', 'must be the name of the package');
  return parsed.data;
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
  const { endpoint, type, field } = action.graphql;
  const { method, path, parameters: others } = document.operation(endpoint);
  if (method !== 'POST' || others.length > 0)
    throw invalidConnector(
      connector,
      `connector.actions.${action.name}`,
      'a GraphQL endpoint is a POST without parameters',
    );
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
  const found = document.operation(action.operationId);
  const { method, path, parameters } = found;
  const bodySchema = bodySchemaOf(connector, action, found);
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

/** Null for a streamed body, which nobody reads. */
function bodySchemaOf(
  connector: string,
  { name, body }: RestAction,
  { bodySchema, takesBody }: OpenApiOperation,
): JsonSchema | null {
  const place = `connector.actions.${name}`;
  if (body === 'streamed') {
    if (!takesBody) throw invalidConnector(connector, place, 'is streamed and takes no body');
    return null;
  }
  if (takesBody && bodySchema === null)
    throw invalidConnector(connector, place, 'a body that is inspected is application/json');
  if (bodySchema !== null && bodySchema.type !== 'object')
    throw invalidConnector(connector, place, 'a body must have the type object');
  return bodySchema;
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

function digestOf(content: object): string {
  const bytes = sha256(new TextEncoder().encode(canonicalJson(content)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
