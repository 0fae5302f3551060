import type { z } from 'zod';

/**
 * How a route goes on after its answer's head:
 * `numbered`: deliveries of the event log with `event` and `snapshot`, resumed by `?epoch=&seq=`, beside StreamNotice;
 * `changes`: messages of `message` without numbers, beside StreamNotice;
 * `frames`: binary frames of the event log, and `input` as JSON the other way. WebSocket only.
 * The first two are served as SSE (`Accept: text/event-stream`, one message a `data:` line) and over WebSocket (one message
 * a text frame) by the same path.
 */
export type RouteStream =
  | { readonly kind: 'numbered'; readonly event: z.ZodType; readonly snapshot: z.ZodType }
  | { readonly kind: 'changes'; readonly message: z.ZodType }
  | { readonly kind: 'frames'; readonly input: z.ZodType };

/** One operation of the workspace-manager's REST API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` where a parameter stands. */
  readonly path: `/${string}`;
  readonly tag: 'workspaces' | 'firewall' | 'files' | 'git' | 'terminals' | 'agent sessions' | 'platform';
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodType;
  /** Takes `If-Match: "<generation>"`: the change counts only when that is the present one. */
  readonly ifMatch?: true;
  readonly body?: z.ZodType;
  /** Of success. */
  readonly status: 200 | 201 | 202 | 204;
  /** Of the body of success; absent with 204 and for streams. */
  readonly response?: z.ZodType;
  readonly stream?: RouteStream;
  /** Codes of the error table that it answers with, beside those of every route. */
  readonly errors: readonly string[];
}

/** Codes that every route may answer with. */
export const COMMON_ERRORS = [
  'INVALID_ARGUMENT',
  'ORIGIN_REFUSED',
  'DATABASE_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
] as const;
