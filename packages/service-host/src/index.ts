export type { CallContext } from './call-context.js';
export { createClient, type ClientDefaults } from './client.js';
export { GrpcServer, type GrpcServerOptions } from './grpc-server.js';
export { GrpcTransport, type GrpcTransportOptions } from './grpc-transport.js';
export type { HttpOptions } from './http-server.js';
export { InProcessTransport } from './in-process-transport.js';
export { LARGEST_MESSAGE_BYTES } from './message-codec.js';
export { MethodRegistry, type ServingOptions, type ServingPart } from './method-registry.js';
export { channelCredentials, readMutualTls, serverCredentials, type MutualTls } from './mutual-tls.js';
export { startOpsServer, type OpsServer, type OpsSource } from './ops-server.js';
export type { PeerAddresses } from './peers.js';
export { problemOf } from './problem-filter.js';
export { randomId } from './random-id.js';
export { runStandalone, type ReadyLine } from './run-standalone.js';
export { runService, type RunServiceInput } from './run-service.js';
export { runServices, type RunningServices, type RunServicesInput } from './run-services.js';
export { serviceToRun, type RunningService, type ServiceToRun } from './running-service.js';
export {
  CLOCK,
  clientToken,
  LOGGER,
  PLATFORM,
  type Clock,
  type GrpcProvider,
  type Platform,
  type ServiceDefinition,
} from './service-definition.js';
export type { CallOptions, Client, ServiceImpl } from './service-impl.js';
export { untilToldToStop } from './until-told-to-stop.js';
export type { Transport, TransportOptions } from './transport.js';
export { ZodBody, ZodParam, ZodQuery } from './zod-input.js';
