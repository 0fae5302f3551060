import type { ServerResponse } from 'node:http';
import { buildSchema, execute, GraphQLError, parse, validate, type ExecutionResult } from 'graphql';
import { z } from 'zod';
import { LINEAR_SCHEMA } from './linear-schema.js';
import { LinearWorkspace, type LinearIssue } from './linear-workspace.js';
import {
  answerJson,
  startUpstreamServer,
  type OnRequest,
  type SeenRequest,
  type UpstreamServer,
} from './upstream-server.js';

const GraphQlRequest = z.looseObject({
  query: z.string().max(100_000),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

export interface FakeLinear extends UpstreamServer {
  /** Every issue there is, oldest first. */
  readonly issues: readonly LinearIssue[];
}

export interface FakeLinearOptions {
  /** The only credential it knows. `lin_api_…` is taken bare, anything else as a bearer token: so does the real one. */
  readonly apiKey: string;
  readonly now?: () => number;
  readonly onRequest?: OnRequest;
}

/** Linear's GraphQL API over a small schema of the real one, executed for real. Nothing is idempotent. */
export async function startFakeLinear(options: FakeLinearOptions): Promise<FakeLinear> {
  const schema = buildSchema(LINEAR_SCHEMA);
  const workspace = new LinearWorkspace(options.now ?? Date.now);
  const handle = async (request: SeenRequest, response: ServerResponse): Promise<void> => {
    if (request.path.split('?')[0] !== '/graphql') return answerJson(response, 404, { error: 'Not found' });
    if (request.method !== 'POST')
      return answerErrors(response, 405, 'Method not allowed', 'invalid input', 'BAD_REQUEST');
    if (!isAuthenticated(request, options.apiKey, response)) return;
    const body = readBody(request.body);
    if (body === null) return answerErrors(response, 400, 'Malformed request', 'invalid input', 'BAD_REQUEST');
    const document = parseDocument(body.query);
    const errors = document instanceof GraphQLError ? [document] : validate(schema, document);
    if (document instanceof GraphQLError || errors.length > 0) return answerInvalid(response, errors);
    const result: ExecutionResult = await execute({
      schema,
      document,
      rootValue: workspace.root,
      variableValues: body.variables ?? {},
      operationName: body.operationName ?? null,
    });
    return answerJson(response, 200, { ...(result.errors && { errors: result.errors }), data: result.data ?? null });
  };
  const server = await startUpstreamServer('api.linear.app', handle, options.onRequest);
  return { ...server, issues: workspace.issues };
}

function isAuthenticated(request: SeenRequest, apiKey: string, response: ServerResponse): boolean {
  const values = request.header('authorization');
  const [value = ''] = values;
  const bare = apiKey.startsWith('lin_api_');
  if (values.length === 1 && value === (bare ? apiKey : `Bearer ${apiKey}`)) return true;
  if (bare && value.startsWith('Bearer lin_api_')) {
    const message =
      "It looks like you're trying to use an API key as a Bearer token. Remove the Bearer prefix from the Authorization header.";
    answerErrors(response, 400, message, 'invalid input', 'INPUT_ERROR');
  } else {
    answerErrors(
      response,
      401,
      'Authentication required, not authenticated',
      'authentication error',
      'AUTHENTICATION_ERROR',
    );
  }
  return false;
}

function readBody(body: Buffer): z.infer<typeof GraphQlRequest> | null {
  try {
    return GraphQlRequest.parse(JSON.parse(body.toString('utf8')));
  } catch {
    return null;
  }
}

function parseDocument(query: string) {
  try {
    return parse(query, { maxTokens: 10_000 });
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

function answerInvalid(response: ServerResponse, errors: readonly GraphQLError[]): void {
  const extensions = {
    type: 'graphql error',
    code: 'GRAPHQL_VALIDATION_FAILED',
    userError: true,
    http: { status: 400 },
  };
  const described = errors.map(({ message, locations }) => ({ message, locations, extensions }));
  answerJson(response, 400, { errors: described });
}

function answerErrors(response: ServerResponse, status: number, message: string, type: string, code: string): void {
  const userPresentableMessage = status === 401 ? 'You need to authenticate to access this operation.' : message;
  const extensions = {
    type,
    code,
    statusCode: status,
    userError: true,
    userPresentableMessage,
    meta: {},
    http: { status },
  };
  answerJson(response, status, { errors: [{ message, extensions }] });
}
