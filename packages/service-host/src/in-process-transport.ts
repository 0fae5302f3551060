import { fromBinary, type DescMessage, type DescMethod, type Message } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { encodeOnce } from './message-codec.js';
import { METADATA } from './metadata.js';
import { methodPath, type MethodRegistry, type RegisteredMethod } from './method-registry.js';
import { callSignal, untilAborted } from './call-signal.js';
import { serveStream, serveUnary, type IncomingCall, type ServingOptions } from './serve-call.js';
import type { Transport, TransportOptions } from './transport.js';
import { decodeWireError, encodeWireError, toAileronError } from './wire-error.js';

/**
 * Calls a service of this process through the same bytes as over a network: each message is encoded and decoded, and an
 * error arrives as code and details only. What cannot be split cannot be written.
 */
export class InProcessTransport implements Transport {
  constructor(
    private readonly registry: MethodRegistry,
    private readonly options: ServingOptions & { readonly peer: string },
  ) {}

  async unary(method: DescMethod, request: Message, options: TransportOptions): Promise<Message> {
    using signal = callSignal(options);
    try {
      const answer = await untilAborted(serveUnary(this.call(method, request, options, signal.signal), this.options), signal.signal);
      return transfer(method, method.output, answer);
    } catch (thrown) {
      throw overTheWire(thrown);
    }
  }

  async *stream(method: DescMethod, request: Message, options: TransportOptions): AsyncGenerator<Message> {
    using signal = callSignal(options);
    try {
      const answers = serveStream(this.call(method, request, options, signal.signal), this.options);
      try {
        for (;;) {
          const next = await untilAborted(answers.next(), signal.signal);
          if (next.done) return;
          yield transfer(method, method.output, next.value);
        }
      } finally {
        // The handler may be waiting: it is told by the signal, and nobody waits for it.
        signal.abort();
        void answers.return(undefined).catch(() => undefined);
      }
    } catch (thrown) {
      throw overTheWire(thrown);
    }
  }

  private call(method: DescMethod, request: Message, options: TransportOptions, signal: AbortSignal): IncomingCall {
    return {
      registered: this.registered(method),
      request: transfer(method, method.input, request),
      metadata: { ...options.metadata, [METADATA.version]: options.metadata[METADATA.version] ?? this.options.version },
      signal,
      peer: this.options.peer,
    };
  }

  private registered(method: DescMethod): RegisteredMethod {
    const registered = this.registry.get(methodPath(method));
    if (!registered) throw new AileronError('UNAVAILABLE', { service: method.parent.typeName });
    return registered;
  }
}

function transfer(method: DescMethod, schema: DescMessage, message: Message): Message {
  return fromBinary(schema, encodeOnce(method, schema, message));
}

function overTheWire(thrown: unknown): AileronError {
  const error = toAileronError(thrown);
  return decodeWireError(encodeWireError(error)) ?? new AileronError('INTERNAL');
}
