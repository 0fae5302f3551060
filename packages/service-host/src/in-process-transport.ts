import { fromBinary, type DescMethod, type Message } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { copyAnswer, copyMessage } from './copy-message.js';
import { METADATA } from './metadata.js';
import { methodPath, type MethodRegistry, type RegisteredMethod, type ServingOptions } from './method-registry.js';
import { callSignal, type SignalSource } from './call-signal.js';
import { serveStream, serveUnary, type IncomingCall } from './serve-call.js';
import type { Transport, TransportOptions } from './transport.js';
import { decodeWireError, encodeWireError, toAileronError } from './wire-error.js';

/**
 * Calls a service of this process as over a network: of each message a copy arrives that has what its bytes would say and
 * shares nothing, and of an error code and details only. What cannot be split cannot be written.
 */
export class InProcessTransport implements Transport {
  /** What is served once is served as long as this process runs. */
  private readonly found = new Map<DescMethod, RegisteredMethod>();

  constructor(
    private readonly registry: MethodRegistry,
    private readonly options: ServingOptions & { readonly peer: string },
  ) {}

  async unary(method: DescMethod, request: object, options: TransportOptions): Promise<Message> {
    const signal = callSignal(options);
    try {
      signal.assertNotOver();
      const answer = serveUnary(this.call(method, request, options, signal), this.options, copyAnswer);
      return answer instanceof Promise ? await answer : answer;
    } catch (thrown) {
      throw overTheWire(thrown);
    } finally {
      signal[Symbol.dispose]();
    }
  }

  async *stream(method: DescMethod, request: object, options: TransportOptions): AsyncGenerator<Message> {
    using signal = callSignal(options);
    try {
      for await (const bytes of serveStream(this.call(method, request, options, signal), this.options)) {
        yield fromBinary(method.output, bytes);
      }
    } catch (thrown) {
      throw overTheWire(thrown);
    } finally {
      signal.abort();
    }
  }

  private call(
    method: DescMethod,
    request: object,
    { metadata, deadline }: TransportOptions,
    caller: SignalSource,
  ): IncomingCall {
    const known = metadata[METADATA.version] !== undefined;
    return {
      registered: this.registered(method),
      request: copyMessage(method, method.input, request),
      metadata: known ? metadata : { ...metadata, [METADATA.version]: this.options.version },
      caller,
      deadline,
      peer: this.options.peer,
    };
  }

  private registered(method: DescMethod): RegisteredMethod {
    const registered = this.found.get(method) ?? this.registry.get(methodPath(method));
    if (!registered) throw new AileronError('UNAVAILABLE', { service: method.parent.typeName });
    this.found.set(method, registered);
    return registered;
  }
}

function overTheWire(thrown: unknown): AileronError {
  const error = toAileronError(thrown);
  return decodeWireError(encodeWireError(error)) ?? new AileronError(error.code);
}
