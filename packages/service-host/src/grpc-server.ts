import { rmSync } from 'node:fs';
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition as GrpcServiceDefinition,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { fromBinary, type Message } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { encodeOnce, LARGEST_MESSAGE_BYTES } from './message-codec.js';
import { METADATA } from './metadata.js';
import { methodPath, type MethodRegistry, type RegisteredMethod } from './method-registry.js';
import { serveStream, serveUnary, type IncomingCall, type ServingOptions } from './serve-call.js';
import { encodeWireError, toAileronError } from './wire-error.js';

export interface GrpcServerOptions extends ServingOptions {
  readonly credentials?: ServerCredentials;
}

const DRAIN_MS = 10_000;

/** Serves a registry over gRPC. */
export class GrpcServer {
  private readonly server = new Server({
    'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
    'grpc.max_send_message_length': LARGEST_MESSAGE_BYTES,
  });

  constructor(
    registry: MethodRegistry,
    private readonly options: GrpcServerOptions,
  ) {
    for (const service of registry.services()) {
      const own = [...registry.all()].filter(({ method }) => method.parent === service);
      this.server.addService(definitionOf(own), Object.fromEntries(own.map((each) => [each.method.name, this.handler(each)])));
    }
  }

  /** Listens on host:port (0 for any) or unix:/path, whose stale socket is removed. Resolves with the port. */
  listen(address: string): Promise<number> {
    if (address.startsWith('unix:')) rmSync(address.slice('unix:'.length), { force: true });
    return new Promise((resolve, reject) => {
      this.server.bindAsync(address, this.options.credentials ?? ServerCredentials.createInsecure(), (error, port) => {
        if (error) reject(new AileronError('PORT_IN_USE', { address }, { cause: error }));
        else resolve(port);
      });
    });
  }

  /** Lets calls in flight end, for a bounded time, and takes no new ones. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.server.forceShutdown(), DRAIN_MS);
      this.server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private handler(registered: RegisteredMethod): UntypedHandleCall {
    if (registered.method.methodKind === 'unary') {
      return (call: ServerUnaryCall<Message, Buffer>, done: sendUnaryData<Buffer>) => {
        serveUnary(incoming(registered, call), this.options)
          .then((answer) => encodeOnce(registered.method, registered.method.output, answer))
          .then(
            (bytes) => done(null, bytes),
            (error: unknown) => done(statusOf(error)),
          );
      };
    }
    return (call: ServerWritableStream<Message, Buffer>) => void this.stream(registered, call);
  }

  private async stream(registered: RegisteredMethod, call: ServerWritableStream<Message, Buffer>): Promise<void> {
    try {
      for await (const message of serveStream(incoming(registered, call), this.options)) {
        if (call.cancelled) return;
        if (!call.write(encodeOnce(registered.method, registered.method.output, message))) await drained(call);
      }
      call.end();
    } catch (error) {
      call.emit('error', statusOf(error));
    }
  }
}

function incoming(registered: RegisteredMethod, call: ServerUnaryCall<Message, Buffer> | ServerWritableStream<Message, Buffer>): IncomingCall {
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort(new AileronError('CANCELLED')));
  const metadata = Object.fromEntries(
    [METADATA.requestId, METADATA.tenantId, METADATA.version, METADATA.traceparent].map((name) => [name, text(call.metadata, name)]),
  );
  return { registered, request: call.request, metadata, signal: controller.signal, peer: peerName(call) };
}

function text(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === 'string' && value.length <= 256 ? value : undefined;
}

/** The common name of the client's certificate; without mutual TLS the transport proves nothing. */
function peerName(call: { getAuthContext?: () => { sslPeerCertificate?: { subject?: { CN?: string | string[] } } } }): string {
  const name = call.getAuthContext?.().sslPeerCertificate?.subject?.CN;
  return typeof name === 'string' ? name : 'unproved';
}

function drained(call: ServerWritableStream<Message, Buffer>): Promise<void> {
  return new Promise((resolve) => {
    call.once('drain', resolve);
    call.once('cancelled', () => resolve());
  });
}

function statusOf(thrown: unknown): { code: status; details: string; metadata: Metadata } {
  const error = toAileronError(thrown);
  const metadata = new Metadata();
  metadata.set(METADATA.error, Buffer.from(encodeWireError(error)));
  return { code: status[error.definition.grpc], details: error.message, metadata };
}

function definitionOf(methods: readonly RegisteredMethod[]): GrpcServiceDefinition {
  return Object.fromEntries(
    methods.map(({ method }) => [
      method.name,
      {
        path: methodPath(method),
        requestStream: false,
        responseStream: method.methodKind === 'server_streaming',
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    ]),
  );
}
