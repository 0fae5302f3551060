import { type DescMethod, type DescService, type Message } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { currentContext, injectTraceparent, isTracing } from '@aileron/telemetry';
import { acceptRequestId, acceptTenantId, METADATA } from './metadata.js';
import type { CallOptions, Client } from './service-impl.js';
import type { Transport, TransportOptions } from './transport.js';

export interface ClientDefaults {
  /** Version of the calling part. */
  readonly version: string;
  /** Of a unary call that names none, and of the first message of a stream that names none. */
  readonly deadlineMs?: number;
}

const DEFAULT_DEADLINE_MS = 5_000;
const never = new AbortController().signal;

/** A typed caller of a service over any transport. Every unary call and every beginning of a stream has a deadline. */
export function createClient<S extends DescService>(
  service: S,
  transport: Transport,
  defaults: ClientDefaults,
): Client<S> {
  const calls = service.methods.map((method) => [method.localName, callOf(method, transport, defaults)]);
  return Object.fromEntries(calls) as Client<S>;
}

function callOf(method: DescMethod, transport: Transport, defaults: ClientDefaults): unknown {
  const fallbackMs = defaults.deadlineMs ?? DEFAULT_DEADLINE_MS;
  if (method.methodKind === 'unary') {
    return async (request: object, options: CallOptions = {}) =>
      await transport.unary(method, request, transportOptions(options, defaults, options.deadlineMs ?? fallbackMs));
  }
  if (method.methodKind === 'server_streaming') {
    return (request: object, options: CallOptions = {}) => {
      const open = (signal: AbortSignal) =>
        transport.stream(method, request, {
          ...transportOptions(options, defaults, options.deadlineMs),
          signal,
        });
      const signal = options.signal ?? never;
      return options.deadlineMs === undefined ? begunWithin(fallbackMs, open, signal) : open(signal);
    };
  }
  throw new TypeError(`${method.name}: only unary and server streaming methods are used here`);
}

/** A stream may last; that it begins has a deadline. */
async function* begunWithin(
  ms: number,
  open: (signal: AbortSignal) => AsyncIterable<Message>,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  try {
    for await (const message of open(AbortSignal.any([signal, late.signal]))) {
      clearTimeout(timer);
      yield message;
    }
  } catch (error) {
    throw late.signal.aborted ? new AileronError('DEADLINE_EXCEEDED', {}, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}

function transportOptions(
  options: CallOptions,
  defaults: ClientDefaults,
  deadlineMs: number | undefined,
): TransportOptions {
  const context = currentContext();
  const tenantId = acceptTenantId(options.tenantId ?? context?.tenantId);
  const metadata: Record<string, string> = {
    [METADATA.version]: defaults.version,
    [METADATA.requestId]: acceptRequestId(context?.requestId),
  };
  if (tenantId !== undefined) metadata[METADATA.tenantId] = tenantId;
  if (isTracing()) Object.assign(metadata, injectTraceparent());
  return {
    signal: options.signal ?? never,
    deadline: deadlineMs === undefined ? null : Date.now() + deadlineMs,
    metadata,
  };
}
