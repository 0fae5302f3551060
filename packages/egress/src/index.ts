export { requestJson, requestText, type RequestOptions } from './request.js';
export type { Resolver } from './resolver.port.js';
export { isSpecialAddress } from './special-address.js';
export { isSpecialName } from './special-name.js';
export { SystemResolver } from './system-resolver.js';
export { vetHost, type DeclaredDestination, type VetInput } from './vet-host.js';
