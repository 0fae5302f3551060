import type { ServerResponse } from 'node:http';

/** What we need of Fastify's reply. */
export interface Reply {
  readonly raw: ServerResponse;
}

/** Aborts when the connection of a request closes before its answer was written. */
export function callerGone(reply: Reply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
