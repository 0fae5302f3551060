import { AileronError } from '@aileron/errors';
import type {
  CanonicalRequest,
  Connector,
  GraphqlOperation,
  MatchResult,
  Operation,
  RestOperation,
} from './connector.js';
import { type GraphqlDocuments, readGraphqlCall } from './graphql-request.js';
import { pathNames } from './openapi-document.js';
import { PathTrie } from './path-trie.js';
import { readPath, restArguments } from './rest-arguments.js';
import { summarise } from './summarise.js';
import { validateValue } from './validate-value.js';

interface RestEndpoint {
  readonly kind: 'rest';
  readonly connector: Connector;
  readonly operation: RestOperation;
  /** Of the path's parameters, in the order of the template: an object that travelled may have lost its order. */
  readonly pathNames: readonly string[];
}

interface GraphqlEndpoint {
  readonly kind: 'graphql';
  readonly connector: Connector;
  /** By `query issue`, `mutation issueCreate`. */
  readonly fields: Map<string, GraphqlOperation>;
  /** The largest of its operations': which one it is, only the body tells. */
  maxBodyBytes: number;
}

type Endpoint = RestEndpoint | GraphqlEndpoint;

/** An endpoint with the values that its path gave. */
interface Candidate {
  readonly endpoint: Endpoint;
  readonly path: Readonly<Record<string, string>>;
}

/** What the head of a request tells, before its body is read. */
export interface HeadMatch {
  readonly connector: Connector;
  /** Null where the body decides: GraphQL. */
  readonly operation: Operation | null;
  readonly body: 'inspected' | 'streamed' | 'none';
  readonly maxBodyBytes: number;
  /** For `resolve`. */
  readonly candidate: unknown;
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

  /** @throws AileronError OPERATION_UNKNOWN, OPERATION_AMBIGUOUS, ARGUMENTS_INVALID, BODY_NOT_INSPECTABLE */
  match(request: Omit<CanonicalRequest, 'body'>): HeadMatch {
    const trie = request.port === HTTPS_PORT ? this.hosts.get(request.host)?.get(request.method) : undefined;
    const candidates: Candidate[] = [];
    for (const { value, parameters } of trie?.match(request.path) ?? []) {
      const candidate = candidateOf(value, parameters);
      if (candidate !== null) candidates.push(candidate);
    }
    const [found] = candidates;
    if (found === undefined)
      throw new AileronError('OPERATION_UNKNOWN', { host: request.host, method: request.method });
    if (candidates.length > 1) {
      throw new AileronError('OPERATION_AMBIGUOUS', {
        candidates: candidates.map(({ endpoint }) => nameOf(endpoint)).slice(0, 8),
      });
    }
    return headMatch(found, request);
  }

  /**
   * The operation with its arguments, all checked. `documents` holds what GraphQL documents of the same session said.
   * @throws as match
   */
  resolve(request: CanonicalRequest, head: HeadMatch = this.match(request), documents?: GraphqlDocuments): MatchResult {
    const { endpoint, path } = head.candidate as Candidate;
    return endpoint.kind === 'graphql'
      ? resolveGraphql(endpoint, request, documents)
      : resolveRest(endpoint, path, request);
  }

  private add(host: string, connector: Connector, operation: Operation, graphql: Map<string, GraphqlEndpoint>): void {
    const methods = this.hosts.get(host) ?? new Map<string, PathTrie<Endpoint>>();
    const trie = methods.get(operation.method) ?? new PathTrie<Endpoint>();
    this.hosts.set(host, methods);
    methods.set(operation.method, trie);
    if (operation.kind === 'rest') {
      trie.add(operation.path, { kind: 'rest', connector, operation, pathNames: pathNames(operation.path) });
      return;
    }
    const place = `${host}${operation.path}`;
    let endpoint = graphql.get(place);
    if (endpoint === undefined) {
      endpoint = { kind: 'graphql', connector, fields: new Map(), maxBodyBytes: 0 };
      graphql.set(place, endpoint);
      trie.add(operation.path, endpoint);
    }
    endpoint.fields.set(`${operation.type} ${operation.field}`, operation);
    endpoint.maxBodyBytes = Math.max(endpoint.maxBodyBytes, operation.maxBodyBytes);
  }
}

const nameOf = (endpoint: Endpoint): string =>
  endpoint.kind === 'rest' ? endpoint.operation.name : `${endpoint.connector.name} (GraphQL)`;

function candidateOf(endpoint: Endpoint, segments: readonly string[]): Candidate | null {
  if (endpoint.kind === 'graphql') return { endpoint, path: {} };
  const path = readPath(endpoint.operation, endpoint.pathNames, segments);
  return path === null ? null : { endpoint, path };
}

function headMatch(candidate: Candidate, request: Omit<CanonicalRequest, 'body'>): HeadMatch {
  const { endpoint } = candidate;
  const { connector } = endpoint;
  if (endpoint.kind === 'graphql') {
    if (request.query.length > 0)
      throw new AileronError('ARGUMENTS_INVALID', {
        fields: [{ field: 'query', message: 'no query string is taken here' }],
      });
    assertInspectable(request);
    return { connector, operation: null, body: 'inspected', maxBodyBytes: endpoint.maxBodyBytes, candidate };
  }
  const { operation } = endpoint;
  const { maxBodyBytes } = operation;
  if (operation.body === 'streamed') return { connector, operation, body: 'streamed', maxBodyBytes, candidate };
  if (operation.bodySchema === null) return { connector, operation, body: 'none', maxBodyBytes, candidate };
  assertInspectable(request);
  return { connector, operation, body: 'inspected', maxBodyBytes, candidate };
}

const JSON_TYPE = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;

/** JSON in UTF-8, as it is: anything else could mean something else to the upstream than to us. */
function assertInspectable({ headers }: Omit<CanonicalRequest, 'body'>): void {
  let json = false;
  let types = 0;
  for (const [name, value] of headers) {
    if (name === 'content-encoding' && value.toLowerCase() !== 'identity') {
      throw new AileronError('BODY_NOT_INSPECTABLE', { field: 'content-encoding' });
    }
    if (name !== 'content-type') continue;
    types += 1;
    json = JSON_TYPE.test(value);
  }
  if (types !== 1 || !json) throw new AileronError('BODY_NOT_INSPECTABLE', { field: 'content-type' });
}

function resolveGraphql(
  { connector, fields }: GraphqlEndpoint,
  request: CanonicalRequest,
  documents: GraphqlDocuments | undefined,
): MatchResult {
  const call = readGraphqlCall(request.body ?? new Uint8Array(), documents, request.json);
  const operation = fields.get(`${call.type} ${call.field}`);
  if (operation === undefined)
    throw new AileronError('OPERATION_UNKNOWN', {
      connector: connector.name,
      field: `${call.type} ${call.field.slice(0, 64)}`,
    });
  if ((request.body?.length ?? 0) > operation.maxBodyBytes)
    throw new AileronError('BODY_NOT_INSPECTABLE', { field: '(body)' });
  const errors = validateValue(call.arguments, operation.parameters);
  if (errors.length > 0) throw new AileronError('ARGUMENTS_INVALID', { operation: operation.name, fields: errors });
  return { connector, operation, arguments: call.arguments, summary: summarise(operation, call.arguments) };
}

function resolveRest(
  { connector, operation }: RestEndpoint,
  path: Candidate['path'],
  request: CanonicalRequest,
): MatchResult {
  const values = restArguments(operation, path, request);
  return { connector, operation, arguments: values, summary: summarise(operation, values) };
}
