import { source } from '@aileron/connector-linear';
import { compileConnector, OperationMatcher, type CanonicalRequest, type Connector } from '@aileron/connectors';
import type { MicroFigure } from './micro-figure.js';
import { timeEach } from './time-each.js';

const CONNECTORS = 40;
/** Of a short run: compiling them all takes seconds. */
const FEW_CONNECTORS = 2;
const PATHS_EACH = 500;

/** As many paths as one document may have, all of one host, so that every request is looked for among all of them. */
function largeConnector(index: number): Connector {
  const parameter = (name: string): string => `{ name: ${name}, in: path, required: true, schema: { type: string } }`;
  const path = (n: number): string =>
    `  /v${index}/kind${n}/{id}/parts/{part}: { get: { operationId: op${n}, parameters: [${parameter('id')}, ${parameter('part')}] } }`;
  const action = (n: number): string =>
    `  - { name: op${n}, title: Op, description: Op., effect: read, idempotent: true, approval: allow, operationId: op${n} }`;
  const numbers = Array.from({ length: PATHS_EACH }, (_, n) => n);
  return compileConnector({
    name: `large${index}`,
    openapi: `openapi: 3.1.0\nservers: [{ url: https://api.large.example }]\npaths:\n${numbers.map(path).join('\n')}\n`,
    overlay: `name: large${index}
version: 1.0.0
title: Large
description: Large.
credential: { kind: bearer, header: authorization, prefix: 'Bearer ', placeholder: placeholder_large, environment: LARGE_TOKEN }
actions:
${numbers.map(action).join('\n')}
`,
  });
}

export async function measureMatch(count: number, short: boolean): Promise<MicroFigure[]> {
  const connectors = short ? FEW_CONNECTORS : CONNECTORS;
  const large = Array.from({ length: connectors }, (_, index) => largeConnector(index));
  const linear = compileConnector(source);
  const matcher = new OperationMatcher([...large, linear]);
  const rest = (n: number): CanonicalRequest => ({
    method: 'GET',
    host: 'api.large.example',
    port: 443,
    path: `/v${n % connectors}/kind${(n * 7) % PATHS_EACH}/${n}/parts/a`,
    query: [],
    headers: [],
    body: null,
  });
  const graphql: CanonicalRequest = {
    method: 'POST',
    host: 'api.linear.app',
    port: 443,
    path: '/graphql',
    query: [],
    headers: [['content-type', 'application/json']],
    body: new TextEncoder().encode(JSON.stringify({ query: 'query { viewer { id name email } }' })),
  };
  const operations = (connectors * PATHS_EACH).toLocaleString('en');
  return [
    await timeEach({ name: `match a REST call, ${operations} operations`, count }, (n) => matcher.resolve(rest(n))),
    await timeEach({ name: 'match a GraphQL call (its document parsed)', count }, () => matcher.resolve(graphql)),
  ];
}
