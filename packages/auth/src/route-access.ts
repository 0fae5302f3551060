import 'reflect-metadata';
import { SetMetadata } from '@nestjs/common';

/** What a route asks of its caller. A route that states nothing is refused. */
export type RouteAccess = 'public' | 'local-token';

export const ROUTE_ACCESS = 'aileron:route-access';

/** Anybody on this machine: health, and nothing that says more. */
export const Public = () => SetMetadata(ROUTE_ACCESS, 'public' satisfies RouteAccess);
/** Whoever can read the home's service.json. */
export const RequireLocalToken = () => SetMetadata(ROUTE_ACCESS, 'local-token' satisfies RouteAccess);
