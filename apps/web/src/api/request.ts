import type { z } from 'zod';
import { NOT_REACHABLE, readProblem } from './problem.js';

export interface ApiCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

const DEADLINE_MS = 40_000;

/** A call of the page's own origin, its answer checked against the contract. @throws ProblemError */
export async function request<T>(path: string, schema: z.ZodType<T>, call: ApiCall = {}): Promise<T> {
  const response = await send(path, call);
  return schema.parse(await response.json());
}

/** A call whose answer has no content. @throws ProblemError */
export async function send(path: string, { method = 'GET', body, signal }: ApiCall = {}): Promise<Response> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const response = await fetch(path, {
    method,
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw NOT_REACHABLE;
  });
  if (!response.ok) throw await readProblem(response);
  return response;
}

/** A path with its query; what is undefined or empty is left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)] as [string, string]],
  );
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`;
}
