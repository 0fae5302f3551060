import {
  Client,
  credentials,
  Metadata,
  type ChannelCredentials,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { fromBinary, type DescMethod, type Message } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { assertProtected } from './grpc-address.js';
import { fromGrpcStatus } from './grpc-status.js';
import { encode, isSensitive, LARGEST_MESSAGE_BYTES } from './message-codec.js';
import { METADATA } from './metadata.js';
import { methodPath } from './method-registry.js';
import type { Transport, TransportOptions } from './transport.js';
import { assertVersionsAgree } from './version-agreement.js';
import { decodeWireError } from './wire-error.js';

export interface GrpcTransportOptions {
  /** host:port, or unix:/path. */
  readonly address: string;
  /** Mutual TLS, see `channelCredentials`; without it only a Unix socket or loopback is spoken to. */
  readonly credentials?: ChannelCredentials;
  /** The name in the server's certificate, when it is not that of the address. */
  readonly serverName?: string;
}

/** Calls a service over gRPC. */
export class GrpcTransport implements Transport {
  private readonly client: Client;

  constructor({ address, credentials: channel, serverName }: GrpcTransportOptions) {
    assertProtected(address, channel !== undefined);
    this.client = new Client(address, channel ?? credentials.createInsecure(), {
      'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
      'grpc.max_send_message_length': LARGEST_MESSAGE_BYTES,
      // A stream says nothing for minutes; that its peer is gone is noticed all the same.
      'grpc.keepalive_time_ms': 20_000,
      'grpc.keepalive_timeout_ms': 5_000,
      'grpc.max_reconnect_backoff_ms': 5_000,
      ...(serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName }),
    });
  }

  async unary(method: DescMethod, request: Message, options: TransportOptions): Promise<Message> {
    const bytes = encode(method, method.input, request);
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    let peerVersion: string | undefined;
    const call = this.client.makeUnaryRequest(
      methodPath(method),
      asIs,
      decoder(method),
      bytes,
      metadataOf(options),
      deadlineOf(options),
      (error, answer) => {
        if (error) reject(fromServiceError(error, method));
        else if (answer) resolve(answer);
        else reject(new AileronError('INTERNAL'));
      },
    );
    call.on('metadata', (metadata: Metadata) => (peerVersion = versionOf(metadata)));
    const cancel = (): void => call.cancel();
    options.signal.addEventListener('abort', cancel, { once: true });
    if (options.signal.aborted) cancel();
    try {
      const answer = await promise;
      assertPeerAgrees(options, peerVersion);
      return answer;
    } finally {
      options.signal.removeEventListener('abort', cancel);
      if (isSensitive(method)) bytes.fill(0);
    }
  }

  async *stream(method: DescMethod, request: Message, options: TransportOptions): AsyncGenerator<Message> {
    const call: ClientReadableStream<Message> = this.client.makeServerStreamRequest(
      methodPath(method),
      asIs,
      decoder(method),
      encode(method, method.input, request),
      metadataOf(options),
      deadlineOf(options),
    );
    let peerVersion: string | undefined;
    call.on('metadata', (metadata: Metadata) => (peerVersion = versionOf(metadata)));
    // The error of our own cancel comes after the reader left; it has a listener.
    call.on('error', () => undefined);
    const cancel = (): void => call.cancel();
    options.signal.addEventListener('abort', cancel, { once: true });
    if (options.signal.aborted) cancel();
    try {
      for await (const message of call as AsyncIterable<Message>) {
        assertPeerAgrees(options, peerVersion);
        yield message;
      }
    } catch (error) {
      throw fromServiceError(error as ServiceError, method);
    } finally {
      options.signal.removeEventListener('abort', cancel);
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

const versionOf = (metadata: Metadata): string | undefined => metadata.get(METADATA.version)[0]?.toString();

/** A server of another age may not look at our version: we look at its. */
function assertPeerAgrees({ metadata }: TransportOptions, peerVersion: string | undefined): void {
  assertVersionsAgree(metadata[METADATA.version] ?? '', peerVersion);
}

function fromServiceError(error: ServiceError, method: DescMethod): AileronError {
  if (AileronError.is(error)) return error;
  const [detail] = error.metadata?.get(METADATA.error) ?? [];
  const known = detail === undefined || typeof detail === 'string' ? undefined : decodeWireError(detail);
  return known ?? fromGrpcStatus(error, method.parent.typeName);
}
