import { Client, credentials, Metadata, status, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { create, fromBinary, type DescMethod, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { assertProtected } from './grpc-address.js';
import { fromGrpcStatus } from './grpc-status.js';
import { encode, isSensitive, LARGEST_MESSAGE_BYTES } from './message-codec.js';
import { METADATA } from './metadata.js';
import type { CallingCredentials } from './mutual-tls.js';
import { nameOf } from './part-identity.js';
import { methodPath } from './method-registry.js';
import type { Transport, TransportOptions } from './transport.js';
import { assertVersionsAgree } from './version-agreement.js';
import { decodeWireError } from './wire-error.js';

export interface GrpcTransportOptions {
  /** host:port, or unix:/path. */
  readonly address: string;
  /** Mutual TLS, see `channelCredentials`; without it only a Unix socket or loopback is spoken to. */
  readonly credentials?: CallingCredentials;
  /** The name in the server's certificate, when it is not that of the address. */
  readonly serverName?: string;
}

const STREAM_WINDOW_BYTES = 1 << 20;

/** Calls a service over gRPC. */
export class GrpcTransport implements Transport {
  private readonly client: Client;
  /** Whether the other side ever answered. */
  private answered = false;

  constructor(private readonly options: GrpcTransportOptions) {
    const { address, credentials: own, serverName } = options;
    assertProtected(address, own !== undefined);
    this.client = new Client(address, own?.grpc ?? credentials.createInsecure(), {
      'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
      'grpc.max_send_message_length': LARGEST_MESSAGE_BYTES,
      // Of a stream so much may be on its way: with HTTP/2's own 64 KiB each of them waits for a turn of both sides.
      'grpc-node.flow_control_window': STREAM_WINDOW_BYTES,
      // A stream says nothing for minutes; that its peer is gone is noticed all the same.
      'grpc.keepalive_time_ms': 20_000,
      'grpc.keepalive_timeout_ms': 5_000,
      // A part that was started again is found within a second.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 500,
      ...(serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName }),
    });
  }

  async unary(method: DescMethod, request: object, options: TransportOptions): Promise<Message> {
    const bytes = encodeRequest(method, request);
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
        if (error) reject(this.failure(error, method));
        else if (answer) resolve(answer);
        else reject(new AileronError('INTERNAL'));
      },
    );
    call.on('metadata', (metadata: Metadata) => (peerVersion = this.heard(metadata)));
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

  async *stream(method: DescMethod, request: object, options: TransportOptions): AsyncGenerator<Message> {
    const call: ClientReadableStream<Message> = this.client.makeServerStreamRequest(
      methodPath(method),
      asIs,
      decoder(method),
      encodeRequest(method, request),
      metadataOf(options),
      deadlineOf(options),
    );
    let peerVersion: string | undefined;
    call.on('metadata', (metadata: Metadata) => (peerVersion = this.heard(metadata)));
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
      throw this.failure(error as ServiceError, method);
    } finally {
      options.signal.removeEventListener('abort', cancel);
      cancel();
    }
  }

  close(): void {
    this.client.close();
  }

  private failure(error: ServiceError, method: DescMethod): AileronError {
    if (AileronError.is(error)) return error;
    const [detail] = error.metadata?.get(METADATA.error) ?? [];
    const known = detail === undefined || typeof detail === 'string' ? undefined : decodeWireError(detail);
    return known ?? this.refusedPeer(error) ?? fromGrpcStatus(error, method.parent.typeName);
  }

  private heard(metadata: Metadata): string | undefined {
    this.answered = true;
    return versionOf(metadata);
  }

  /** No connection, because one side does not take the other's certificate. */
  private refusedPeer(error: ServiceError): AileronError | undefined {
    const { credentials: own, address, serverName } = this.options;
    if (own === undefined || error.code !== status.UNAVAILABLE) return undefined;
    const refusal = own.refusal();
    if (refusal !== undefined) return refusal;
    if (!ABOUT_CERTIFICATES.test(error.details) && (this.answered || !HUNG_UP.test(error.details))) return undefined;
    const peer = serverName ?? address;
    return new AileronError('PEER_UNTRUSTED', { own: nameOf(own.own), peer, address }, { cause: error });
  }
}

/** OpenSSL's and Node's words for a handshake that failed; a server that refuses us says so by an alert. */
const ABOUT_CERTIFICATES = /certificate|self-signed|altnames|alert|ssl|tls/i;
/**
 * grpc-js's words for a connection that ended before HTTP/2 began. In TLS 1.3 a server looks at our certificate after our
 * side of the handshake is done, and its alert can be lost with the connection (RFC 8446 4.4.4).
 */
const HUNG_UP = /Last error: Failed to connect/;

const encodeRequest = (method: DescMethod, request: object): Buffer =>
  encode(method, method.input, create(method.input, request as MessageInitShape<typeof method.input>));
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
