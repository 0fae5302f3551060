import type { z } from 'zod';
import type { Problem } from '../rest/problem.js';
import { deliverySchema } from '../streams.js';
import type { Route, RouteStream } from '../workspace/route.js';
import { WORKSPACE_ROUTES, type WorkspaceRouteId, type WorkspaceRoutes } from '../workspace/routes.js';
import { StreamNotice } from '../workspace/streams.js';
import type { AnyCallInput, CallInput, WorkspaceCalls } from './call.types.js';
import { readEventStream } from './event-stream.js';
import type { Fetch, FetchResponse } from './http.js';
import { notOfContract, ProblemError, problemOf } from './problem-error.js';

export interface WorkspaceClientOptions {
  /** Of the service or of the gateway before it; empty in a page: its own origin. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  /** Makes the error of a refusal; without it ProblemError. */
  readonly refusal?: (problem: Problem) => Error;
  /** Of a call that is no stream. */
  readonly deadlineMs?: number;
}

export type WorkspaceClient = WorkspaceCalls & {
  /** Where a stream is served over WebSocket: `ws:` or `wss:` as the base is. Takes no body and no signal. */
  readonly socketUrl: <K extends WorkspaceRouteId>(id: K, input: CallInput<WorkspaceRoutes[K]>) => string;
};

const DEADLINE_MS = 40_000;
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/**
 * Every route of the workspace-manager as a method by its id. Answers are checked against the contract. A stream ends when
 * its connection does: attach again with the position of a StreamCursor.
 */
export function createWorkspaceClient(options: WorkspaceClientOptions): WorkspaceClient {
  const calls = Object.entries<Route>(WORKSPACE_ROUTES).map(([id, route]) => {
    const call = (input: AnyCallInput = {}) =>
      route.stream === undefined ? ask(options, route, input) : follow(options, route, route.stream, input);
    return [id, call] as const;
  });
  const socketUrl = (id: WorkspaceRouteId, input: AnyCallInput = {}): string =>
    `${options.baseUrl}${targetOf(WORKSPACE_ROUTES[id], input)}`.replace(/^http/, 'ws');
  return { ...Object.fromEntries(calls), socketUrl } as unknown as WorkspaceClient;
}

async function ask(options: WorkspaceClientOptions, route: Route, input: AnyCallInput): Promise<unknown> {
  const deadline = AbortSignal.timeout(options.deadlineMs ?? DEADLINE_MS);
  const signal = input.signal === undefined ? deadline : AbortSignal.any([input.signal, deadline]);
  const response = await send(options, route, input, { accept: 'application/json', signal });
  const text = await response.text();
  if (!response.ok) throw refuse(options, problemOf(text, response.status));
  if (route.response === undefined) return undefined;
  return checked(options, route.response, () => JSON.parse(text) as unknown, response.status);
}

async function* follow(
  options: WorkspaceClientOptions,
  route: Route,
  stream: RouteStream,
  input: AnyCallInput,
): AsyncGenerator<unknown, void, undefined> {
  const ended = new AbortController();
  const signal = input.signal === undefined ? ended.signal : AbortSignal.any([input.signal, ended.signal]);
  const response = await send(options, route, input, { accept: 'text/event-stream', signal });
  if (!response.ok) throw refuse(options, problemOf(await response.text(), response.status));
  const schema = messageSchema(stream);
  if (response.body === null || schema === null) throw refuse(options, notOfContract(response.status));
  try {
    for await (const message of readEventStream(response.body.getReader())) {
      const notice = StreamNotice.safeParse(message).data;
      if (notice?.type === 'refused')
        throw refuse(options, { ...notOfContract(400), code: notice.code, title: notice.message });
      if (notice === undefined) yield checked(options, schema, () => message, response.status);
    }
  } finally {
    ended.abort();
  }
}

const messageSchema = (stream: RouteStream): z.ZodType | null => {
  if (stream.kind === 'numbered') return deliverySchema(stream.event, stream.snapshot);
  return stream.kind === 'changes' ? stream.message : null;
};

function send(
  options: WorkspaceClientOptions,
  route: Route,
  input: AnyCallInput,
  { accept, signal }: { readonly accept: string; readonly signal: AbortSignal },
): Promise<FetchResponse> {
  // The service takes JSON and nothing else for a change, so that no form of another page can make one.
  const body = input.body ?? (WITH_BODY.has(route.method) ? {} : undefined);
  return options.fetch(`${options.baseUrl}${targetOf(route, input)}`, {
    method: route.method,
    headers: {
      accept,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(input.ifMatch !== undefined && { 'if-match': `"${input.ifMatch}"` }),
    },
    signal,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Path and query, with what the caller gave at its place. */
function targetOf({ path }: Pick<Route, 'path'>, { params = {}, query = {} }: AnyCallInput): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const pairs = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return pairs.length === 0 ? filled : `${filled}?${new URLSearchParams(pairs).toString()}`;
}

function checked(options: WorkspaceClientOptions, schema: z.ZodType, read: () => unknown, status: number): unknown {
  try {
    return schema.parse(read());
  } catch (cause) {
    const error = refuse(options, notOfContract(status));
    error.cause ??= cause;
    throw error;
  }
}

const refuse = ({ refusal }: WorkspaceClientOptions, problem: Problem): Error =>
  refusal?.(problem) ?? new ProblemError(problem);
