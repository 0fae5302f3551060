import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { authorize, type AccessRequest, type LocalAccessOptions } from './local-access.js';
import { ROUTE_ACCESS, type RouteAccess } from './route-access.js';

export const LOCAL_ACCESS = Symbol('local access');

/** The one guard of a service without login: denies what its options and the route's statement do not allow. */
@Injectable()
export class LocalAccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(LOCAL_ACCESS) private readonly options: LocalAccessOptions,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const access = this.reflector.get<RouteAccess | undefined>(ROUTE_ACCESS, context.getHandler());
    authorize(accessRequest(context.switchToHttp().getRequest<FastifyRequest>()), access, this.options);
    return true;
  }
}

export function accessRequest({ headers, raw, socket }: FastifyRequest): AccessRequest {
  const one = (value: string | string[] | undefined): string | undefined =>
    Array.isArray(value) ? value.join(',') : value;
  return {
    // Node keeps the first of two Host headers and drops the second: what it read elsewhere must not differ.
    hosts: raw.headersDistinct['host'] ?? [],
    origin: one(headers.origin),
    secFetchSite: one(headers['sec-fetch-site']),
    authorization: headers.authorization,
    localPort: socket.localPort,
  };
}
