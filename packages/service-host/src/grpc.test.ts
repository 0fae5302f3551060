import { mkdtempSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceError,
} from '@grpc/grpc-js';
import { ApprovalService } from '@aileron/contracts/grpc';
import { ApprovalFixture } from './approvals.fixture.js';
import { CertificateAuthority } from './certificates.fixture.js';
import { createClient } from './client.js';
import { GrpcServer } from './grpc-server.js';
import { GrpcTransport, type GrpcTransportOptions } from './grpc-transport.js';
import { MethodRegistry } from './method-registry.js';
import { channelCredentials, serverCredentials } from './mutual-tls.js';
import { decodeWireError } from './wire-error.js';
import { LogLines, socketPath, VERSION } from './wirings.fixture.js';

const { logger } = new LogLines();
const ending: (() => unknown)[] = [];
afterEach(() => Promise.all(ending.splice(0).map((end) => end())));

function server(options: { version?: string; credentials?: ReturnType<typeof serverCredentials> } = {}): GrpcServer {
  const registry = new MethodRegistry();
  registry.add(ApprovalService, new ApprovalFixture());
  const started = new GrpcServer(registry, { version: VERSION, logger, ...options });
  ending.push(() => started.close(500));
  return started;
}

function client(options: GrpcTransportOptions, version = VERSION) {
  const transport = new GrpcTransport(options);
  ending.push(() => transport.close());
  return createClient(ApprovalService, transport, { version, deadlineMs: 3_000 });
}

describe('mutual TLS', () => {
  let ca: CertificateAuthority;
  beforeAll(async () => {
    ca = await CertificateAuthority.create();
  });

  it('refuses a caller without a certificate, or with one of another CA, and a server of another CA', async () => {
    const port = await server({ credentials: serverCredentials(await ca.issue('server')) }).listen('127.0.0.1:0');
    const address = `127.0.0.1:${port}`;
    const other = await CertificateAuthority.create();
    const mine = await ca.issue('caller');
    const foreign = await other.issue('caller');
    const own = channelCredentials(mine);
    const unnamed = { ...own, grpc: credentials.createSsl(Buffer.from(mine.caPem)) };
    const attempts = [
      client({ address, serverName: 'server', credentials: unnamed }),
      client({ address, serverName: 'server', credentials: channelCredentials({ ...foreign, caPem: mine.caPem }) }),
      client({ address, serverName: 'server', credentials: channelCredentials({ ...mine, caPem: foreign.caPem }) }),
      client({ address, serverName: 'another', credentials: own }),
    ];
    for (const attempt of attempts) {
      await expect(attempt.consume({})).rejects.toMatchObject({
        code: 'PEER_UNTRUSTED',
        details: { own: 'caller', peer: expect.stringMatching(/^(server|another)$/) as unknown, address },
      });
    }
    await expect(client({ address }).consume({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(client({ address, serverName: 'server', credentials: own }).consume({})).resolves.toBeDefined();
  });

  it('says of a server that is not there that it is not there', async () => {
    const address = '127.0.0.1:1';
    const nobody = client({ address, serverName: 'server', credentials: channelCredentials(await ca.issue('caller')) });
    await expect(nobody.consume({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('keeps parts of two tenants apart, naming both', async () => {
    const ours = server({ credentials: serverCredentials(await ca.issue('server', 'ten_a')) });
    const address = `127.0.0.1:${await ours.listen('127.0.0.1:0')}`;
    for (const [tenant, named] of [
      ['ten_b', 'caller of ten_b'],
      [undefined, 'caller'],
    ] as const) {
      const credentials = channelCredentials(await ca.issue('caller', tenant));
      await expect(client({ address, serverName: 'server', credentials }).consume({})).rejects.toMatchObject({
        code: 'TENANT_MISMATCH',
        details: { own: named, peer: 'server of ten_a' },
      });
    }
    const credentials = channelCredentials(await ca.issue('caller', 'ten_a'));
    await expect(client({ address, serverName: 'server', credentials }).consume({})).resolves.toBeDefined();
  });

  it('is not left to the caller: a server looks at the tenant of a certificate too', async () => {
    const ours = server({ credentials: serverCredentials(await ca.issue('server', 'ten_a')) });
    const address = `127.0.0.1:${await ours.listen('127.0.0.1:0')}`;
    const { caPem, privateKeyPem, certificatePem } = await ca.issue('caller', 'ten_b');
    const [root, key, certificate] = [caPem, privateKeyPem, certificatePem].map((pem) => Buffer.from(pem));
    const careless = {
      ...channelCredentials(await ca.issue('caller')),
      grpc: credentials.createSsl(root, key, certificate),
    };
    await expect(client({ address, serverName: 'server', credentials: careless }).consume({})).rejects.toMatchObject({
      code: 'TENANT_MISMATCH',
      details: { own: 'server of ten_a', peer: 'caller of ten_b' },
    });
  });

  it.each(['0.0.0.0:0', '10.0.0.1:3101', 'mgmt.internal:3101', '[::]:0'])('is needed for %s', async (address) => {
    await expect(server().listen(address)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(() => new GrpcTransport({ address })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }) as unknown as Error,
    );
  });
});

describe('versions', () => {
  it('are checked by the server: a caller that names none is refused', async () => {
    const port = await server({ version: '0.2.0' }).listen('127.0.0.1:0');
    await expect(client({ address: `127.0.0.1:${port}` }, '0.1.0').consume({})).resolves.toBeDefined();
    const careless = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    ending.push(() => careless.close());
    const error = await new Promise<ServiceError | null>((resolve) => {
      const path = '/aileron.mgmt.v1.ApprovalService/Consume';
      careless.makeUnaryRequest(
        path,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        Buffer.alloc(0),
        new Metadata(),
        resolve,
      );
    });
    const [detail] = error?.metadata.get('aileron-error-bin') ?? [];
    expect(decodeWireError(detail as Buffer)).toMatchObject({
      code: 'VERSION_MISMATCH',
      details: { own: '0.2.0', peer: 'none' },
    });
  });

  it('refuses the answer of a server that names none, or another', async () => {
    for (const version of [undefined, '0.9.0']) {
      const careless = new Server();
      const bytes = {
        requestSerialize: Buffer.from,
        requestDeserialize: Buffer.from,
        responseSerialize: Buffer.from,
        responseDeserialize: Buffer.from,
      };
      const consume = {
        path: '/aileron.mgmt.v1.ApprovalService/Consume',
        requestStream: false,
        responseStream: false,
        ...bytes,
      } as const;
      careless.addService(
        { consume },
        {
          consume: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
            const metadata = new Metadata();
            if (version !== undefined) metadata.set('x-aileron-version', version);
            call.sendMetadata(metadata);
            done(null, Buffer.alloc(0));
          },
        },
      );
      ending.push(() => careless.forceShutdown());
      const port = await new Promise<number>((resolve) => {
        careless.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_, bound) => resolve(bound));
      });
      const mismatch = { code: 'VERSION_MISMATCH', details: { own: VERSION, peer: version ?? 'none' } };
      await expect(client({ address: `127.0.0.1:${port}` }).consume({})).rejects.toMatchObject(mismatch);
    }
  });
});

describe('a Unix socket', () => {
  const fields = expect.anything();

  it('is its owner’s alone', async () => {
    const path = socketPath();
    await server().listen(`unix:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('that a killed process left behind is taken over', async () => {
    const path = socketPath();
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.stdout.write('up'))`;
    const killed = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(statSync(path).isSocket()).toBe(true);
    await server().listen(`unix:${path}`);
    await expect(client({ address: `unix:${path}` }).consume({})).resolves.toBeDefined();
  });

  it('that somebody listens on is not', async () => {
    const path = socketPath();
    await server().listen(`unix:${path}`);
    await expect(server().listen(`unix:${path}`)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      details: { address: `unix:${path}` },
    });
    await expect(client({ address: `unix:${path}` }).consume({})).resolves.toBeDefined();
  });

  it('does not replace what is no socket, lie in an open folder, or have a path that is cut', async () => {
    const path = socketPath();
    writeFileSync(path, 'mine');
    await expect(server().listen(`unix:${path}`)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { fields },
    });
    expect(statSync(path).size).toBe(4);
    const open = join(mkdtempSync(join(tmpdir(), 's-')), 's.sock');
    chmodSync(dirname(open), 0o755);
    await expect(server().listen(`unix:${open}`)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { fields },
    });
    await expect(server().listen(`unix:/tmp/${'x'.repeat(110)}`)).rejects.toMatchObject({ code: 'HOME_PATH_TOO_LONG' });
  });
});

describe('a gRPC server', () => {
  it('names the holder of a port in use', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    ending.push(() => holder.close());
    const { port } = holder.address() as AddressInfo;
    const inUse = { code: 'PORT_IN_USE', details: { holder: expect.stringContaining(`(${process.pid})`) } };
    await expect(server().listen(`127.0.0.1:${port}`)).rejects.toMatchObject(inUse);
  });

  it('that is not there is unavailable', async () => {
    await expect(client({ address: '127.0.0.1:1' }).consume({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('lets calls in flight end for a bounded time', async () => {
    const port = await server().listen('127.0.0.1:0');
    const calling = client({ address: `127.0.0.1:${port}` });
    await calling.consume({});
    const hanging = calling.request({ rule: 'hang' }).catch((error: unknown) => error);
    await calling.consume({});
    await Promise.all(ending.splice(0, 1).map((end) => end()));
    expect(await hanging).toMatchObject({ name: 'AileronError' });
  });
});

describe('the error of a peer', () => {
  it.each([
    '',
    'not json',
    '[]',
    '{"code":"constructor","details":{}}',
    '{"code":"NO_SUCH_CODE","details":{}}',
    '{"code":"NOT_FOUND","details":{"deep":{"a":1}}}',
    '{"code":"NOT_FOUND","details":[]}',
    '{"code":"NOT_FOUND"}',
    `{"code":"NOT_FOUND","details":{"a":"${'x'.repeat(20_000)}"}}`,
  ])('%j is not taken', (text) => {
    expect(decodeWireError(Buffer.from(text))).toBeUndefined();
  });
});
