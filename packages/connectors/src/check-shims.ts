import type { GraphqlOperation, Operation, RestOperation, ShimSource } from './connector.js';
import { readGraphqlCall } from './graphql-request.js';
import { invalidConnector } from './invalid-connector.js';

type ShimOption = ShimSource['options'][number];

/** Options of the shim runtime itself. */
const RESERVED = new Set(['json', 'wait', 'no-wait', 'help']);

/** Each command makes a request that is its own operation. @throws AileronError CONNECTOR_INVALID */
export function checkShims(connector: string, operations: readonly Operation[]): void {
  const commands = new Set<string>();
  for (const operation of operations) {
    const { shim, name } = operation;
    if (shim === null) continue;
    const place = `connector.actions.${name.slice(connector.length + 1)}.shim`;
    const fault = commands.has(shim.command) ? `${shim.command} is a command twice` : shimFault(operation, shim);
    if (fault !== null) throw invalidConnector(connector, place, fault);
    commands.add(shim.command);
  }
}

function shimFault(operation: Operation, shim: ShimSource): string | null {
  const names = shim.options.map(({ name }) => name);
  const twice = names.find((name, index) => RESERVED.has(name) || names.indexOf(name) !== index);
  if (twice !== undefined) return `option ${twice} is there twice, or reserved`;
  const places = shim.options.map(({ into }) => into.join('.'));
  const crossing = places.find((place, index) =>
    places.some((other, at) => at !== index && `${other}.`.startsWith(`${place}.`)),
  );
  if (crossing !== undefined) return `two options go into ${crossing}`;
  return operation.kind === 'graphql' ? graphqlFault(operation, shim) : restFault(operation, shim);
}

function graphqlFault(operation: GraphqlOperation, { document, options }: ShimSource): string | null {
  const stray = options.find(({ into }) => into[0] !== 'variables' || into.length < 2);
  if (stray !== undefined) return `option ${stray.name} goes into no variable`;
  const variables = Object.fromEntries(options.map(({ into }) => [into[1], null]));
  try {
    const call = readGraphqlCall(new TextEncoder().encode(JSON.stringify({ query: document, variables })));
    return call.type === operation.type && call.field === operation.field
      ? null
      : `document is ${call.type} ${call.field}`;
  } catch {
    return 'document must be one operation with one root field, and declare the variables of the options';
  }
}

function restFault(operation: RestOperation, { document, options }: ShimSource): string | null {
  if (document !== null) return 'document is for GraphQL';
  const stray = options.find((option) => !isRestPlace(operation, option));
  if (stray !== undefined) return `option ${stray.name} goes into ${stray.into.join('.')}, which is not there`;
  const required = options.filter((option) => option.required).map(({ into }) => into.join('.'));
  const missing = Object.keys(operation.pathParameters).find((name) => !required.includes(`path.${name}`));
  return missing === undefined ? null : `no required option goes into path.${missing}`;
}

function isRestPlace(operation: RestOperation, { into: [where, name, ...rest] }: ShimOption): boolean {
  if (name === undefined) return false;
  if (where === 'path') return rest.length === 0 && Object.hasOwn(operation.pathParameters, name);
  if (where === 'query') return rest.length === 0 && Object.hasOwn(operation.queryParameters, name);
  const body = operation.bodySchema;
  return (
    where === 'body' &&
    body !== null &&
    (body.additionalProperties === true || Object.hasOwn(body.properties ?? {}, name))
  );
}
