import { type INestApplication, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ROUTE_ACCESS, type RouteAccess } from './route-access.js';

export interface Route {
  readonly method: string;
  readonly path: string;
  /** Undefined: the route states nothing, and is refused. */
  readonly access: RouteAccess | undefined;
}

/** Every route of an app with what it states, for the test that enumerates them. The app must import DiscoveryModule. */
export function listRoutes(app: INestApplication): Route[] {
  const scanner = new MetadataScanner();
  const routes: Route[] = [];
  for (const { instance, metatype } of app.get(DiscoveryService).getControllers()) {
    if (!metatype) continue;
    const prefixes = pathsOf(Reflect.getMetadata(PATH_METADATA, metatype));
    const prototype = Object.getPrototypeOf(instance) as Record<string, unknown>;
    for (const name of scanner.getAllMethodNames(prototype)) routes.push(...routesOf(prototype[name], prefixes));
  }
  return routes;
}

function routesOf(handler: unknown, prefixes: readonly string[]): Route[] {
  if (typeof handler !== 'function') return [];
  const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
  if (method === undefined) return [];
  const access = Reflect.getMetadata(ROUTE_ACCESS, handler) as RouteAccess | undefined;
  const paths = pathsOf(Reflect.getMetadata(PATH_METADATA, handler));
  return prefixes.flatMap((before) =>
    paths.map((after) => ({ method: RequestMethod[method], path: join(before, after), access })),
  );
}

const pathsOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value ?? '']).map(String);
const join = (...parts: string[]): string =>
  `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
