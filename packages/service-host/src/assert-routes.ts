import type { INestApplication } from '@nestjs/common';
import { listRoutes } from '@aileron/auth';
import type { FastifyInstance } from 'fastify';

/** What Fastify was told to answer, Nest's routes and any other. */
export function recordRoutes(server: FastifyInstance): readonly string[] {
  const routes: string[] = [];
  server.addHook('onRoute', ({ method, path }) => {
    for (const each of [method].flat()) if (each !== 'HEAD') routes.push(`${each} ${path}`);
  });
  return routes;
}

/**
 * Every route states who may call it, and passes the guard: a handler that states nothing, and a route that was put into
 * Fastify beside Nest, do not start.
 */
export function assertRoutesStated(app: INestApplication, recorded: readonly string[]): void {
  const stated = listRoutes(app).filter(({ access }) => access !== undefined);
  const known = new Set(stated.map(({ method, path }) => `${method} ${path}`));
  const unstated = recorded.filter((route) => !known.has(route));
  if (unstated.length > 0) throw new TypeError(`no authorization is stated for ${unstated.join(', ')}`);
}
