import { AileronError } from '@aileron/errors';
import type {
  CanonicalRequest,
  Connector,
  GraphqlOperation,
  MatchResult,
  Operation,
  RestOperation,
} from './connector.js';
import { readGraphqlCall } from './graphql-request.js';
import { PathTrie } from './path-trie.js';
import { pathFits, restArguments } from './rest-arguments.js';
import { summarise } from './summarise.js';
import { validateValue } from './validate-value.js';

interface RestEndpoint {
  readonly kind: 'rest';
  readonly connector: Connector;
  readonly operation: RestOperation;
}

interface GraphqlEndpoint {
  readonly kind: 'graphql';
  readonly connector: Connector;
  /** By `query issue`, `mutation issueCreate`. */
  readonly fields: Map<string, GraphqlOperation>;
}

type Endpoint = RestEndpoint | GraphqlEndpoint;

/** What the head of a request tells, before its body is read. */
export interface HeadMatch {
  readonly connector: Connector;
  /** Null where the body decides: GraphQL. */
  readonly operation: Operation | null;
  readonly body: 'inspected' | 'streamed' | 'none';
  readonly maxBodyBytes: number;
  readonly endpoint: unknown;
  readonly pathValues: readonly string[];
}

const HTTPS_PORT = 443;

/** Finds the one operation of one connector that a request is; two or none on an owned host is a refusal. */
export class OperationMatcher {
  private readonly hosts = new Map<string, Map<string, PathTrie<Endpoint>>>();

  constructor(connectors: readonly Connector[]) {
    for (const connector of connectors) {
      const graphql = new Map<string, GraphqlEndpoint>();
      for (const operation of connector.operations) {
        for (const host of connector.hosts) this.add(host, connector, operation, graphql);
      }
    }
  }

  /** Whether a connector owns this host: then what it does not know is refused, never passed through. */
  ownsHost(host: string): boolean {
    return this.hosts.has(host);
  }

  /** @throws AileronError OPERATION_UNKNOWN, OPERATION_AMBIGUOUS, BODY_NOT_INSPECTABLE */
  match(request: Omit<CanonicalRequest, 'body'>): HeadMatch {
    const trie = request.port === HTTPS_PORT ? this.hosts.get(request.host)?.get(request.method) : undefined;
    const candidates = (trie?.match(request.path) ?? []).filter(
      ({ value, parameters }) => value.kind === 'graphql' || pathFits(value.operation, parameters),
    );
    const [found] = candidates;
    if (found === undefined)
      throw new AileronError('OPERATION_UNKNOWN', { host: request.host, method: request.method });
    if (candidates.length > 1) {
      throw new AileronError('OPERATION_AMBIGUOUS', {
        candidates: candidates.map(({ value }) => nameOf(value)).slice(0, 8),
      });
    }
    return headMatch(found.value, found.parameters, request);
  }

  /** The operation with its arguments, all checked. @throws as match, and ARGUMENTS_INVALID */
  resolve(request: CanonicalRequest, head: HeadMatch = this.match(request)): MatchResult {
    const endpoint = head.endpoint as Endpoint;
    return endpoint.kind === 'graphql'
      ? resolveGraphql(endpoint, request)
      : resolveRest(endpoint, head.pathValues, request);
  }

  private add(host: string, connector: Connector, operation: Operation, graphql: Map<string, GraphqlEndpoint>): void {
    const methods = this.hosts.get(host) ?? new Map<string, PathTrie<Endpoint>>();
    const trie = methods.get(operation.method) ?? new PathTrie<Endpoint>();
    this.hosts.set(host, methods);
    methods.set(operation.method, trie);
    if (operation.kind === 'rest') {
      trie.add(operation.path, { kind: 'rest', connector, operation });
      return;
    }
    const place = `${host}${operation.path}`;
    let endpoint = graphql.get(place);
    if (endpoint === undefined) {
      endpoint = { kind: 'graphql', connector, fields: new Map() };
      graphql.set(place, endpoint);
      trie.add(operation.path, endpoint);
    }
    endpoint.fields.set(`${operation.type} ${operation.field}`, operation);
  }
}

const nameOf = (endpoint: Endpoint): string =>
  endpoint.kind === 'rest' ? endpoint.operation.name : `${endpoint.connector.name} (GraphQL)`;

function headMatch(
  endpoint: Endpoint,
  pathValues: readonly string[],
  request: Omit<CanonicalRequest, 'body'>,
): HeadMatch {
  const { connector } = endpoint;
  if (endpoint.kind === 'graphql') {
    if (request.query.length > 0)
      throw new AileronError('ARGUMENTS_INVALID', {
        fields: [{ field: 'query', message: 'no query string is taken here' }],
      });
    assertInspectable(request);
    const maxBodyBytes = Math.max(...[...endpoint.fields.values()].map((operation) => operation.maxBodyBytes));
    return { connector, operation: null, body: 'inspected', maxBodyBytes, endpoint, pathValues };
  }
  const { operation } = endpoint;
  if (operation.bodySchema !== null && operation.body === 'inspected') assertInspectable(request);
  const body = operation.bodySchema === null ? 'none' : operation.body;
  return { connector, operation, body, maxBodyBytes: operation.maxBodyBytes, endpoint, pathValues };
}

/** JSON in UTF-8, as it is: anything else could mean something else to the upstream than to us. */
function assertInspectable({ headers }: Omit<CanonicalRequest, 'body'>): void {
  const values = (name: string): string[] => headers.filter(([each]) => each === name).map(([, value]) => value);
  const types = values('content-type');
  const encodings = values('content-encoding').filter((value) => value.toLowerCase() !== 'identity');
  if (encodings.length > 0) throw new AileronError('BODY_NOT_INSPECTABLE', { field: 'content-encoding' });
  if (types.length !== 1 || !/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(types[0] ?? '')) {
    throw new AileronError('BODY_NOT_INSPECTABLE', { field: 'content-type' });
  }
}

function resolveGraphql({ connector, fields }: GraphqlEndpoint, request: CanonicalRequest): MatchResult {
  const call = readGraphqlCall(request.body ?? new Uint8Array());
  const operation = fields.get(`${call.type} ${call.field}`);
  if (operation === undefined)
    throw new AileronError('OPERATION_UNKNOWN', {
      connector: connector.name,
      field: `${call.type} ${call.field.slice(0, 64)}`,
    });
  const errors = validateValue(call.arguments, operation.parameters);
  if (errors.length > 0) throw new AileronError('ARGUMENTS_INVALID', { operation: operation.name, fields: errors });
  return { connector, operation, arguments: call.arguments, summary: summarise(operation, call.arguments) };
}

function resolveRest(
  { connector, operation }: RestEndpoint,
  pathValues: readonly string[],
  request: CanonicalRequest,
): MatchResult {
  const values = restArguments(operation, pathValues, request);
  return { connector, operation, arguments: values, summary: summarise(operation, values) };
}
