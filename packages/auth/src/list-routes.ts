import type { INestApplication } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService } from '@nestjs/core';
import { RequestMethod } from '@nestjs/common';
import { ROUTE_ACCESS, type RouteAccess } from './route-access.js';

export interface Route {
  readonly method: string;
  readonly path: string;
  /** Undefined: the route states nothing, and is refused. */
  readonly access: RouteAccess | undefined;
}

/** Every route of an app with what it states, for the test that enumerates them. The app must import DiscoveryModule. */
export function listRoutes(app: INestApplication): Route[] {
  const routes: Route[] = [];
  for (const { instance, metatype } of app.get(DiscoveryService).getControllers()) {
    if (!metatype) continue;
    const prefix = pathsOf(Reflect.getMetadata(PATH_METADATA, metatype));
    const prototype = Object.getPrototypeOf(instance) as Record<string, unknown>;
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const handler = prototype[name];
      if (typeof handler !== 'function') continue;
      const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
      if (method === undefined) continue;
      const access = Reflect.getMetadata(ROUTE_ACCESS, handler) as RouteAccess | undefined;
      for (const before of prefix) {
        for (const after of pathsOf(Reflect.getMetadata(PATH_METADATA, handler))) {
          routes.push({ method: RequestMethod[method], path: join(before, after), access });
        }
      }
    }
  }
  return routes;
}

const pathsOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value ?? '']).map(String);
const join = (...parts: string[]): string => `/${parts.flatMap((part) => part.split('/')).filter(Boolean).join('/')}`;
