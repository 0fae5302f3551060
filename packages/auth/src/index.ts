export { listRoutes, type Route } from './list-routes.js';
export { accessRequest, LOCAL_ACCESS, LocalAccessGuard } from './local-access.guard.js';
export {
  assertLocalAccessOptions,
  assertLocalCaller,
  authorize,
  hashToken,
  type AccessRequest,
  type LocalAccessOptions,
} from './local-access.js';
export { assertLoopback, isLoopbackAddress } from './loopback.js';
export { Public, RequireLocalToken, ROUTE_ACCESS, type RouteAccess } from './route-access.js';
