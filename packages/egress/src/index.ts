export { localUpgrade, type LocalUpgrade } from './local-upgrade.js';
export { localFetch, type LocalResponse } from './local-fetch.js';
export { problemError } from './problem-error.js';
export { requestJson, requestText, type RequestOptions } from './request.js';
export type { Resolver } from './resolver.port.js';
export { classifyAddress, isSpecialAddress, type AddressClass, type AddressKind } from './special-address.js';
export { isHostName, isSpecialName } from './special-name.js';
export { SystemResolver } from './system-resolver.js';
export { vetHost, type DeclaredDestination, type VetInput } from './vet-host.js';
