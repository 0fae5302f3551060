import { create, type DescMethod, type DescService, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import { currentContext, injectTraceparent } from '@aileron/telemetry';
import { acceptRequestId, METADATA } from './metadata.js';
import type { CallOptions, Client } from './service-impl.js';
import type { Transport, TransportOptions } from './transport.js';

export interface ClientDefaults {
  /** Version of the calling part. */
  readonly version: string;
  /** Of a unary call that names none. */
  readonly deadlineMs?: number;
}

const DEFAULT_DEADLINE_MS = 5_000;
const never = new AbortController().signal;

/** A typed caller of a service over any transport. Every unary call has a deadline. */
export function createClient<S extends DescService>(service: S, transport: Transport, defaults: ClientDefaults): Client<S> {
  const calls = service.methods.map((method) => [method.localName, callOf(method, transport, defaults)]);
  return Object.fromEntries(calls) as Client<S>;
}

function callOf(method: DescMethod, transport: Transport, defaults: ClientDefaults): unknown {
  const build = (request: object): Message => create(method.input, request as MessageInitShape<typeof method.input>);
  if (method.methodKind === 'unary') {
    return (request: object, options: CallOptions = {}) =>
      transport.unary(method, build(request), transportOptions(options, defaults, defaults.deadlineMs ?? DEFAULT_DEADLINE_MS));
  }
  if (method.methodKind === 'server_streaming') {
    return (request: object, options: CallOptions = {}) => transport.stream(method, build(request), transportOptions(options, defaults, null));
  }
  throw new TypeError(`${method.name}: only unary and server streaming methods are used here`);
}

function transportOptions(options: CallOptions, defaults: ClientDefaults, fallbackMs: number | null): TransportOptions {
  const deadlineMs = options.deadlineMs ?? fallbackMs;
  const context = currentContext();
  const tenantId = options.tenantId ?? context?.tenantId;
  return {
    signal: options.signal ?? never,
    deadline: deadlineMs === null ? null : Date.now() + deadlineMs,
    metadata: {
      [METADATA.version]: defaults.version,
      [METADATA.requestId]: acceptRequestId(context?.requestId),
      ...(tenantId === undefined ? {} : { [METADATA.tenantId]: tenantId }),
      ...injectTraceparent(),
    },
  };
}
