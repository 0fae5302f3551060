// Each part alone: what it needs, what it refuses, how it ends.
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { LeaseService } from '@aileron/contracts/grpc';
import { channelCredentials, createClient, GrpcTransport, readMutualTls } from '@aileron/service-host';
import type { PartName } from '../certs/part-certificates.js';
import { aileron } from './running-service.fixture.js';
import { certificates, credentialServiceConfig, PartUnderTest } from './part.fixture.js';

let parts: PartUnderTest[] = [];
afterEach(async () => {
  await Promise.all(parts.map((part) => part.stop()));
  parts = [];
});

let folder: string;
let config: string;
beforeAll(async () => {
  folder = await certificates();
  config = await credentialServiceConfig();
});

const start = async (environment: Readonly<Record<string, string>> = {}, args: readonly string[] = []) => {
  const told = {
    AILERON_CONFIG_FILE: config,
    AILERON_TLS_DIRECTORY: join(folder, 'credential-service'),
    AILERON_PEERS: 'mgmt-plane=127.0.0.1:1',
    AILERON_LISTEN: '127.0.0.1:0',
  };
  const part = await PartUnderTest.start('credential-service', { ...told, ...environment }, args);
  parts.push(part);
  return part;
};

interface Caller {
  readonly as: PartName;
  readonly directory?: string;
  readonly version?: string;
}
const keyOf = (address: string | null, { as, directory = folder, version = '0.1.0' }: Caller) => {
  const credentials = channelCredentials(readMutualTls(join(directory, as)));
  const transport = new GrpcTransport({ address: address ?? '', credentials, serverName: 'credential-service' });
  const call = createClient(LeaseService, transport, { version }).getServiceKey({});
  return call.finally(() => transport.close());
};

describe('a part alone', () => {
  it('listens on TCP with mutual TLS, and answers the part that may ask', async () => {
    const { ready } = await start();
    expect(ready).toMatchObject({ service: 'credential-service', grpc: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    await expect(keyOf(ready.grpc, { as: 'mgmt-plane' })).resolves.toHaveProperty('envelope');
    await expect(keyOf(ready.grpc, { as: 'proxy' })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  it('listens on a Unix socket that is its owner’s, still with mutual TLS', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'a-')), 'c.sock');
    const { ready } = await start({}, ['--listen', `unix:${path}`]);
    expect(ready.grpc).toBe(`unix:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(keyOf(ready.grpc, { as: 'mgmt-plane' })).resolves.toHaveProperty('envelope');
  });

  it('refuses a certificate of another CA, another tenant or another age, naming both sides', async () => {
    const { grpc } = (await start()).ready;
    await expect(keyOf(grpc, { as: 'mgmt-plane', directory: await certificates() })).rejects.toMatchObject({
      code: 'PEER_UNTRUSTED',
      details: { own: 'mgmt-plane of ten_local', peer: 'credential-service' },
    });
    await expect(keyOf(grpc, { as: 'mgmt-plane', version: '0.3.0' })).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      details: { own: '0.1.0', peer: '0.3.0' },
    });
    await expect(keyOf(grpc, { as: 'mgmt-plane', version: '0.2.7' })).resolves.toHaveProperty('envelope');
  });

  it('tells health and metrics where it is told to', async () => {
    const { ops } = (await start({ AILERON_OPS_LISTEN: '127.0.0.1:0' })).ready;
    expect(await read(`${ops}/health/ready`)).toMatchObject({ status: 200 });
    const metrics = await read(`${ops}/metrics`);
    expect(metrics.text).toContain('aileron_credential_leases{service="credential-service"} 0');
    expect(metrics.text).toContain('process_cpu_user_seconds_total');
  });

  it('ends at once when it is told to and nothing is in flight, and when its parent is gone', async () => {
    const startedAt = performance.now();
    expect(await (await start()).stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    const orphan = await start({}, ['--end-with-stdin']);
    orphan.orphan();
    expect(await orphan.ended()).toBe(0);
  });
});

const read = async (url: string): Promise<{ status: number; text: string }> => {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    }).once('error', reject);
  });
};

describe('a part that cannot start', () => {
  it.each([
    [{ AILERON_CONFIG_FILE: '/nowhere' }, 'CONFIG_INVALID', 'AILERON_CONFIG_FILE'],
    [{ AILERON_PEERS: 'mgmt-plane' }, 'CONFIG_INVALID', 'AILERON_PEERS'],
    [{ AILERON_PEERS: 'proxy=127.0.0.1:1' }, 'CONFIG_INVALID', 'AILERON_PEERS'],
    [{ AILERON_TLS_DIRECTORY: '/nowhere' }, 'CONFIG_INVALID', 'AILERON_TLS_DIRECTORY'],
    [{ AILERON_LISTEN: '0.0.0.0:0', AILERON_TLS_DIRECTORY: '' }, 'CONFIG_INVALID', 'address'],
    [{ AILERON_OPS_LISTEN: 'localhost' }, 'CONFIG_INVALID', 'AILERON_OPS_LISTEN'],
    [{ AILERON_LISTN: 'x' }, 'CONFIG_INVALID', 'AILERON_LISTN'],
  ])('says so in one line, naming the field: %o', async (environment, code, field) => {
    const part = await start(environment);
    expect(part.line).toMatchObject({ ready: false, error: { code, details: { fields: [{ field }] } } });
    expect(await part.ended()).toBe(78);
  });
});

describe('aileron certs init', () => {
  it('makes a CA and a certificate a part, keeps what lasts, and makes new ones for another tenant', async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'aileron-certs-')), 'new');
    const init = async (...args: string[]) => {
      const { code, stdout } = await aileron(['--json', 'certs', 'init', '--out', out, ...args]);
      return { code, ...(JSON.parse(stdout) as { written?: string[]; error?: { code: string } }) };
    };
    const first = await init();
    expect(first.written).toHaveLength(11);
    for (const file of first.written ?? []) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await init()).written).toEqual([]);
    const other = await init('--tenant', 'ten_other', '--host', 'proxy.internal');
    expect(other.written).toHaveLength(9);
    expect((await init('--tenant', 'a b')).error).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect((await init('--host', 'a/b')).code).toBe(64);
  });
});
