// What operators see of one call through three processes: a trace, logs with one request id, metrics. No secret in any.
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { secretForms } from '@aileron/vault';
import { callLinear, eventually, RunningService } from './running-service.fixture.js';

const VAULT_AGE_MS = 1_000;

interface Span {
  readonly traceId: string;
  readonly name: string;
  readonly scope: string;
}

/** An OpenTelemetry collector: OTLP over HTTP as JSON. */
class Collector {
  readonly spans: Span[] = [];
  text = '';
  private constructor(
    private readonly server: Server,
    readonly endpoint: string,
  ) {}

  static async start(): Promise<Collector> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        collector.take(body);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const collector = new Collector(server, `http://127.0.0.1:${port}`);
    return collector;
  }

  close(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  private take(body: string): void {
    this.text += body;
    interface Otlp {
      resourceSpans: { scopeSpans: { scope: { name: string }; spans: { traceId: string; name: string }[] }[] }[];
    }
    for (const { scopeSpans } of (JSON.parse(body) as Otlp).resourceSpans)
      for (const { scope, spans } of scopeSpans)
        this.spans.push(...spans.map(({ traceId, name }) => ({ traceId, name, scope: scope.name })));
  }
}

describe.each([
  ['three processes', ['--split']],
  ['one process', ['--ops-port', '0']],
])('a call through %s', (_, options) => {
  let collector: Collector;
  let service: RunningService;
  beforeAll(async () => {
    collector = await Collector.start();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, AILERON_LOG_LEVEL: 'debug' };
    service = await RunningService.start({ options, env });
    await service.fillVault();
    const session = await service.startSession();
    // What was read when it was unlocked is used for a second; a call after that asks the store.
    await new Promise((resolve) => setTimeout(resolve, 2 * VAULT_AGE_MS));
    const query = 'query($first: Int) { teams(first: $first) { nodes { id key name } } }';
    expect(await callLinear(session, { query })).toMatchObject({ status: 200 });
  });
  afterAll(async () => {
    await service.close();
    await collector.close();
  });

  const exchange = () => collector.spans.find(({ name }) => name === 'exchange');

  it('is one trace, from the proxy over credential-service to the management plane', async () => {
    const traced = () => collector.spans.filter(({ traceId }) => traceId === exchange()?.traceId);
    const names = () => traced().map(({ scope, name }) => `${scope}/${name}`);
    await eventually(() => names().includes('aileron.mgmt.v1.VaultStoreService/GetVault'), 20_000);
    expect(names()).toEqual(
      expect.arrayContaining([
        'proxy/exchange',
        'aileron.credential.v1.DecryptService/Resolve',
        'aileron.credential.v1.DecryptService/Decrypt',
      ]),
    );
  });

  it('has one request id in the logs of all', () => {
    const lines = service.log.split('\n').flatMap((line) => {
      const entry = line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : {};
      return 'requestId' in entry ? [entry] : [];
    });
    const ended = lines.find(({ msg }) => msg === 'exchange.ended');
    const same = lines.filter(({ requestId }) => requestId === ended?.['requestId']);
    expect(new Set(same.map((entry) => entry['service']))).toEqual(
      new Set(['proxy', 'credential-service', 'mgmt-plane']),
    );
  });

  it('is counted, by connector and operation', async () => {
    const metrics = await readMetrics(service);
    expect(metrics).toMatch(/aileron_proxy_calls_total\{[^}]*operation="linear\.list_teams"[^}]*\} 1/);
    expect(metrics).toMatch(/aileron_proxy_serving\{[^}]*\} 1/);
    expect(metrics).toMatch(/aileron_grpc_call_seconds_count\{[^}]*DecryptService\/Decrypt[^}]*\} 1/);
    expect(metrics).toMatch(/process_resident_memory_bytes\{/);
  });

  it('shows no credential in traces, logs or metrics, in no encoding', async () => {
    await eventually(() => exchange() !== undefined, 20_000);
    const all = `${collector.text}\n${service.log}\n${await readMetrics(service)}`;
    for (const credential of Object.values(service.cast.credentials))
      for (const { bytes } of secretForms(Buffer.from(credential)))
        expect(all.includes(Buffer.from(bytes).toString())).toBe(false);
  });
});

async function readMetrics(service: RunningService): Promise<string> {
  const texts = service.file.processes.map(async ({ ops }) => (ops === null ? '' : readText(`${ops}/metrics`)));
  return (await Promise.all(texts)).join('\n');
}

async function readText(url: string): Promise<string> {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(text));
    }).once('error', reject);
  });
}
