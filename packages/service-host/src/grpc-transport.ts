import { Client, credentials, Metadata, type ChannelCredentials, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { fromBinary, type DescMethod, type Message } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { fromGrpcStatus } from './grpc-status.js';
import { encodeOnce, LARGEST_MESSAGE_BYTES } from './message-codec.js';
import { METADATA } from './metadata.js';
import { methodPath } from './method-registry.js';
import type { Transport, TransportOptions } from './transport.js';
import { decodeWireError } from './wire-error.js';

export interface GrpcTransportOptions {
  /** host:port, or unix:/path. */
  readonly address: string;
  /** Mutual TLS; without it only a Unix socket or loopback is sensible. */
  readonly credentials?: ChannelCredentials;
}

/** Calls a service over gRPC. */
export class GrpcTransport implements Transport {
  private readonly client: Client;

  constructor(options: GrpcTransportOptions) {
    this.client = new Client(options.address, options.credentials ?? credentials.createInsecure(), {
      'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
      'grpc.max_send_message_length': LARGEST_MESSAGE_BYTES,
    });
  }

  async unary(method: DescMethod, request: Message, options: TransportOptions): Promise<Message> {
    const bytes = encodeOnce(method, method.input, request);
    return new Promise((resolve, reject) => {
      const call = this.client.makeUnaryRequest(
        methodPath(method),
        asIs,
        decoder(method),
        bytes,
        metadataOf(options),
        deadlineOf(options),
        (error, answer) => {
          options.signal.removeEventListener('abort', cancel);
          if (error) reject(fromServiceError(error, method));
          else if (answer) resolve(answer);
          else reject(new AileronError('INTERNAL'));
        },
      );
      const cancel = (): void => call.cancel();
      if (options.signal.aborted) cancel();
      else options.signal.addEventListener('abort', cancel, { once: true });
    });
  }

  async *stream(method: DescMethod, request: Message, options: TransportOptions): AsyncGenerator<Message> {
    const call: ClientReadableStream<Message> = this.client.makeServerStreamRequest(
      methodPath(method),
      asIs,
      decoder(method),
      encodeOnce(method, method.input, request),
      metadataOf(options),
      deadlineOf(options),
    );
    const cancel = (): void => call.cancel();
    if (options.signal.aborted) cancel();
    else options.signal.addEventListener('abort', cancel, { once: true });
    try {
      for await (const message of call as AsyncIterable<Message>) yield message;
    } catch (error) {
      throw fromServiceError(error as ServiceError, method);
    } finally {
      options.signal.removeEventListener('abort', cancel);
      // Left early: the server is told; the error event of our own cancel has a listener.
      call.on('error', () => undefined);
      cancel();
    }
  }

  close(): void {
    this.client.close();
  }
}

const asIs = (bytes: Buffer): Buffer => bytes;
const decoder = (method: DescMethod) => (bytes: Buffer) => fromBinary(method.output, bytes);

function metadataOf(options: TransportOptions): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.metadata)) metadata.set(name, value);
  return metadata;
}

const deadlineOf = (options: TransportOptions) => (options.deadline === null ? {} : { deadline: options.deadline });

function fromServiceError(error: ServiceError, method: DescMethod): AileronError {
  if (AileronError.is(error)) return error;
  const [detail] = error.metadata?.get(METADATA.error) ?? [];
  const known = detail instanceof Buffer ? decodeWireError(detail) : undefined;
  return known ?? fromGrpcStatus(error, method.parent.typeName);
}
