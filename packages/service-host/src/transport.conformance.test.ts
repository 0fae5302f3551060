import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApprovalService, ApprovalState, DecryptService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { createLogger, currentContext } from '@aileron/telemetry';
import { z } from 'zod';
import { createClient } from './client.js';
import { GrpcServer } from './grpc-server.js';
import { GrpcTransport } from './grpc-transport.js';
import { InProcessTransport } from './in-process-transport.js';
import { LARGEST_MESSAGE_BYTES } from './message-codec.js';
import { MethodRegistry } from './method-registry.js';
import type { ServiceImpl } from './service-impl.js';
import type { Transport } from './transport.js';

const VERSION = '0.1.0';
const logger = createLogger({ service: 'test', level: 'silent' });

/** What a handler saw and did, for the assertions. */
class ApprovalFixture implements ServiceImpl<typeof ApprovalService> {
  streamed = 0;
  streamEnded = Promise.withResolvers<void>();
  cancelled = Promise.withResolvers<void>();
  contexts: unknown[] = [];

  request: ServiceImpl<typeof ApprovalService>['request'] = async (request, context) => {
    this.contexts.push({ ...currentContext(), tenant: context.tenantId });
    switch (request.rule) {
      case 'details':
        throw new AileronError('APPROVAL_DENIED', { reason: 'no', count: 3 }, { cause: new Error('secret cause') });
      case 'zod':
        z.object({ name: z.string() }).parse({ name: 1 });
        throw new Error('unreachable');
      case 'unknown':
        throw new TypeError('internal detail with a secret');
      case 'hang':
        context.signal.addEventListener('abort', () => this.cancelled.resolve());
        await new Promise(() => undefined);
        throw new Error('unreachable');
      case 'huge':
        return { preview: new Uint8Array(LARGEST_MESSAGE_BYTES + 1) };
      default:
        return { approvalId: 'apr_1', digest: request.digest, state: ApprovalState.PENDING };
    }
  };

  async *watch(request: { approvalId: string }): AsyncGenerator<{ approvalId: string; preview: Uint8Array }> {
    this.streamed = 0;
    try {
      for (let i = 0; i < 1_000; i++) {
        if (request.approvalId === 'fail' && i === 3) throw new AileronError('NOT_FOUND', { approvalId: 'fail' });
        this.streamed++;
        yield { approvalId: String(i), preview: new Uint8Array(request.approvalId === 'big' ? 65_536 : 1) };
      }
    } finally {
      this.streamEnded.resolve();
    }
  }

  consume: ServiceImpl<typeof ApprovalService>['consume'] = async () => ({});
  listBySession: ServiceImpl<typeof ApprovalService>['listBySession'] = async () => ({});
}

const secrets: Uint8Array[] = [];
const decrypt: ServiceImpl<typeof DecryptService> = {
  resolve: async () => ({}),
  decrypt: async () => {
    const secret = new TextEncoder().encode('s3cret-value');
    secrets.push(secret);
    return { secret };
  },
  sealState: async () => ({}),
  unsealState: async () => ({}),
};

interface Wiring {
  readonly transport: Transport;
  close(): Promise<void>;
}

function registryOf(fixture: ApprovalFixture): MethodRegistry {
  const registry = new MethodRegistry();
  registry.add(ApprovalService, fixture);
  registry.add(DecryptService, decrypt);
  return registry;
}

const wirings: Record<string, (fixture: ApprovalFixture) => Promise<Wiring>> = {
  'in one process': async (fixture) => ({
    transport: new InProcessTransport(registryOf(fixture), { version: VERSION, logger, peer: 'test' }),
    close: async () => undefined,
  }),
  'over gRPC on TCP': async (fixture) => {
    const server = new GrpcServer(registryOf(fixture), { version: VERSION, logger });
    const port = await server.listen('127.0.0.1:0');
    const transport = new GrpcTransport({ address: `127.0.0.1:${port}` });
    return {
      transport,
      close: async () => {
        transport.close();
        await server.close();
      },
    };
  },
};

describe.each(Object.keys(wirings))('a call %s', (name) => {
  const fixture = new ApprovalFixture();
  let wiring: Wiring;
  const client = (version = VERSION) => createClient(ApprovalService, wiring.transport, { version });
  beforeAll(async () => {
    wiring = await wirings[name]!(fixture);
  });
  afterAll(() => wiring.close());

  it('answers with the message', async () => {
    const answer = await client().request({ digest: Uint8Array.of(1, 2, 3) }, { tenantId: 'ten_a' });
    expect(answer).toMatchObject({ approvalId: 'apr_1', state: ApprovalState.PENDING });
    expect([...answer.digest]).toEqual([1, 2, 3]);
    expect(fixture.contexts.at(-1)).toMatchObject({ tenant: 'ten_a', tenantId: 'ten_a', requestId: expect.stringMatching(/^req_/) });
  });

  it('carries code and details of an error, never its cause', async () => {
    const error = await client().request({ rule: 'details' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AileronError);
    expect(error).toMatchObject({ code: 'APPROVAL_DENIED', details: { reason: 'no', count: 3 } });
    expect((error as AileronError).cause === undefined || !String((error as AileronError).cause).includes('secret cause')).toBe(true);
  });

  it('names the fields of invalid input, and hides the unknown', async () => {
    await expect(client().request({ rule: 'zod' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { fields: [{ field: 'name' }] } });
    const error = await client().request({ rule: 'unknown' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INTERNAL', details: {} });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('ends at its deadline, and the handler is told', async () => {
    fixture.cancelled = Promise.withResolvers<void>();
    await expect(client().request({ rule: 'hang' }, { deadlineMs: 50 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await fixture.cancelled.promise;
  });

  it('ends when the caller cancels, and the handler is told', async () => {
    fixture.cancelled = Promise.withResolvers<void>();
    const controller = new AbortController();
    const call = client().request({ rule: 'hang' }, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
    await fixture.cancelled.promise.catch(() => undefined);
  });

  it('refuses a message over the limit in both directions', async () => {
    await expect(client().request({ preview: new Uint8Array(LARGEST_MESSAGE_BYTES + 1) })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await expect(client().request({ rule: 'huge' })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('streams in order, whole', async () => {
    const seen: string[] = [];
    for await (const { approvalId } of client().watch({ approvalId: 'all' })) seen.push(approvalId);
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, i) => String(i)));
  });

  it('carries the error of a stream after what came before it', async () => {
    let seen = 0;
    const read = async () => {
      for await (const message of client().watch({ approvalId: 'fail' })) seen += Number(message.approvalId) >= 0 ? 1 : 0;
    };
    await expect(read()).rejects.toMatchObject({ code: 'NOT_FOUND', details: { approvalId: 'fail' } });
    expect(seen).toBe(3);
  });

  it('holds a producer back when nobody reads, and ends it when the reader leaves', async () => {
    fixture.streamEnded = Promise.withResolvers<void>();
    for await (const message of client().watch({ approvalId: 'big' })) {
      expect(message.approvalId).toBe('0');
      break;
    }
    await fixture.streamEnded.promise;
    expect(fixture.streamed).toBeLessThan(1_000);
  });

  it.each(['0.0.9', '0.2.4'])('works with a peer of version %s', async (version) => {
    await expect(client(version).consume({})).resolves.toBeDefined();
  });

  it.each(['0.3.0', '1.1.0', 'nonsense'])('refuses a peer of version %s and names both', async (version) => {
    await expect(client(version).consume({})).rejects.toMatchObject({ code: 'VERSION_MISMATCH', details: { own: VERSION, peer: version } });
  });

  it('zeroes what a decrypting handler answered with, once it is sent', async () => {
    const answer = await createClient(DecryptService, wiring.transport, { version: VERSION }).decrypt({});
    expect(new TextDecoder().decode(answer.secret)).toBe('s3cret-value');
    expect([...(secrets.at(-1) ?? [1])].every((byte) => byte === 0)).toBe(true);
  });

  it('refuses a service that is not there', async () => {
    const empty = name === 'in one process' ? new InProcessTransport(new MethodRegistry(), { version: VERSION, logger, peer: 'test' }) : undefined;
    if (empty) {
      await expect(createClient(ApprovalService, empty, { version: VERSION }).consume(create(ApprovalService.method.consume.input))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
    } else {
      const gone = new GrpcTransport({ address: '127.0.0.1:1' });
      await expect(createClient(ApprovalService, gone, { version: VERSION }).consume({}, { deadlineMs: 2_000 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      gone.close();
    }
  });
});
