import { chmodSync } from 'node:fs';
import {
  logVerbosity,
  Metadata,
  Server,
  ServerCredentials,
  setLogVerbosity,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition as GrpcServiceDefinition,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { fromBinary, type Message } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { callSignal, type CallSignal } from './call-signal.js';
import { assertProtected, socketPathOf } from './grpc-address.js';
import { encodeAnswer, isSensitive, LARGEST_MESSAGE_BYTES } from './message-codec.js';
import { METADATA } from './metadata.js';
import { methodPath, type MethodRegistry, type RegisteredMethod, type ServingOptions } from './method-registry.js';
import type { ServingCredentials } from './mutual-tls.js';
import { assertSameTenant, identityOfSubject, type PartIdentity } from './part-identity.js';
import { portHolder } from './port-holder.js';
import { serveStream, serveUnary, type IncomingCall } from './serve-call.js';
import { prepareUnixSocket } from './unix-socket.js';
import { encodeWireError, toAileronError } from './wire-error.js';

export interface GrpcServerOptions extends ServingOptions {
  /** Mutual TLS, see `serverCredentials`; without it the server listens on a Unix socket or loopback only. */
  readonly credentials?: ServingCredentials;
}

// It writes lines of its own to the console; what went wrong reaches our log as an error.
setLogVerbosity(logVerbosity.NONE);

type ServerCall = ServerUnaryCall<Message, Buffer> | ServerWritableStream<Message, Buffer>;

const DRAIN_MS = 10_000;
/** A unary caller that names no deadline has this one. */
const UNARY_DEADLINE_MS = 60_000;

/** Serves a registry over gRPC. */
export class GrpcServer {
  private readonly server = new Server({
    'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
    'grpc.max_send_message_length': LARGEST_MESSAGE_BYTES,
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 5_000,
  });

  constructor(
    registry: MethodRegistry,
    private readonly options: GrpcServerOptions,
  ) {
    for (const service of registry.services()) {
      const own = [...registry.all()].filter(({ method }) => method.parent === service);
      this.server.addService(
        definitionOf(own),
        Object.fromEntries(own.map((each) => [each.method.name, this.handler(each)])),
      );
    }
  }

  /**
   * Listens on host:port (0 for any) or unix:/path, whose stale socket is removed. Resolves with the port.
   * @throws AileronError PORT_IN_USE with the holder, CONFIG_INVALID
   */
  async listen(address: string): Promise<number> {
    const { credentials } = this.options;
    assertProtected(address, credentials !== undefined);
    const socketPath = socketPathOf(address);
    if (socketPath !== undefined) await prepareUnixSocket(socketPath);
    const port = await this.bind(address, credentials?.grpc ?? ServerCredentials.createInsecure());
    if (socketPath !== undefined) chmodSync(socketPath, 0o600);
    return port;
  }

  /** Lets calls in flight end, for a bounded time, and takes no new ones. */
  close(withinMs: number = DRAIN_MS): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.server.forceShutdown(), withinMs);
      this.server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private bind(address: string, credentials: ServerCredentials): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.bindAsync(address, credentials, (error, port) => {
        if (!error) return resolve(port);
        const holder = portHolder(Number(/:(\d+)$/.exec(address)?.[1] ?? 0));
        return reject(new AileronError('PORT_IN_USE', { address, holder: holder ?? 'unknown' }, { cause: error }));
      });
    });
  }

  private handler(registered: RegisteredMethod): UntypedHandleCall {
    return registered.method.methodKind === 'unary'
      ? (call: ServerUnaryCall<Message, Buffer>, done: sendUnaryData<Buffer>) => void this.unary(registered, call, done)
      : (call: ServerWritableStream<Message, Buffer>) => void this.stream(registered, call);
  }

  private async unary(
    registered: RegisteredMethod,
    call: ServerUnaryCall<Message, Buffer>,
    done: sendUnaryData<Buffer>,
  ): Promise<void> {
    using signal = signalOf(call, Date.now() + UNARY_DEADLINE_MS);
    try {
      call.sendMetadata(this.versionMetadata(registered));
      const bytes = await serveUnary(this.incoming(registered, call, signal), this.options, encodeAnswer);
      done(null, bytes);
      forget(registered, bytes);
    } catch (error) {
      done(statusOf(error));
    }
  }

  private async stream(registered: RegisteredMethod, call: ServerWritableStream<Message, Buffer>): Promise<void> {
    using signal = signalOf(call, null);
    try {
      call.sendMetadata(this.versionMetadata(registered));
      for await (const bytes of serveStream(this.incoming(registered, call, signal), this.options)) {
        const more = call.write(bytes);
        forget(registered, bytes);
        if (!more) await drained(call, signal.signal);
        if (call.cancelled) return;
      }
      call.end();
    } catch (error) {
      call.emit('error', statusOf(error));
    } finally {
      signal.abort();
    }
  }

  /** @throws AileronError TENANT_MISMATCH, before anything is looked at */
  private incoming(registered: RegisteredMethod, call: ServerCall, caller: CallSignal): IncomingCall {
    const peer = peerOf(call);
    if (this.options.credentials !== undefined) assertSameTenant(this.options.credentials.own, peer);
    const metadata = Object.fromEntries(
      [METADATA.requestId, METADATA.tenantId, METADATA.version, METADATA.traceparent].map((name) => [
        name,
        text(call.metadata, name),
      ]),
    );
    return { registered, request: call.request, metadata, caller, deadline: deadlineOf(call), peer: peer.part };
  }

  private versionMetadata({ part }: RegisteredMethod): Metadata {
    const metadata = new Metadata();
    metadata.set(METADATA.version, (part ?? this.options).version);
    return metadata;
  }
}

/** grpc-js copies a message into its frame as it is handed over; by the next turn of the loop ours is spare. */
function forget({ method }: RegisteredMethod, bytes: Buffer): void {
  if (isSensitive(method)) setImmediate(() => bytes.fill(0));
}

function signalOf(call: ServerCall, fallback: number | null): CallSignal {
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort());
  if (call.cancelled) controller.abort();
  return callSignal({ signal: controller.signal, deadline: deadlineOf(call) ?? fallback });
}

function deadlineOf(call: ServerCall): number | null {
  const deadline = Number(call.getDeadline());
  return Number.isFinite(deadline) ? deadline : null;
}

/** Of several values the list, which is no id: a caller that says two things says nothing valid. */
function text(metadata: Metadata, name: string): string | undefined {
  const values = metadata.get(name).map(String);
  return values.length === 0 ? undefined : values.join(',').slice(0, 256);
}

/** Who the client's certificate names; without mutual TLS the transport proves nothing. */
function peerOf(call: {
  getAuthContext?: () => { sslPeerCertificate?: { subject?: Readonly<Record<string, unknown>> } };
}): PartIdentity {
  const subject = call.getAuthContext?.().sslPeerCertificate?.subject;
  return identityOfSubject(subject === undefined ? undefined : { ...subject });
}

function drained(call: ServerWritableStream<Message, Buffer>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      call.off('drain', go);
      signal.removeEventListener('abort', go);
      resolve();
    };
    call.once('drain', go);
    signal.addEventListener('abort', go, { once: true });
    if (signal.aborted) go();
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
