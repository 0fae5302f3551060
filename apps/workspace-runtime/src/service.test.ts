import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FileKind, RuntimeService } from '@aileron/contracts/grpc';
import {
  type Client,
  createClient,
  InProcessTransport,
  runServices,
  type RunningServices,
  serviceToRun,
} from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import { workspaceRuntime } from './service.js';
import { VERSION } from './version.js';

let running: RunningServices;
let runtime: Client<typeof RuntimeService>;
let project: string;
const logger = createLogger({ service: 'test', level: 'silent' });

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'runtime-'));
  await writeFile(join(project, 'a.txt'), 'one');
  running = await runServices([serviceToRun(workspaceRuntime, { workspaceId: 'wsp_1', projectDirectory: project })], {
    platform: (service) => ({ logger, metrics: createMetrics(service), clock: { now: () => Date.now() } }),
  });
  const transport = new InProcessTransport(running.registry, { version: VERSION, logger, peer: 'workspace-manager' });
  runtime = createClient(RuntimeService, transport, { version: VERSION });
});
afterAll(() => running.close());

describe('the runtime of a workspace', () => {
  it('says whose it is', async () => {
    expect(await runtime.describe({})).toMatchObject({ workspaceId: 'wsp_1', version: VERSION });
  });

  it('lists, reads, saves and deletes files over its contract, and names a conflict', async () => {
    expect((await runtime.listFiles({ path: '' })).entries).toMatchObject([{ name: 'a.txt', kind: FileKind.FILE }]);
    const { content, etag } = await runtime.readFile({ path: 'a.txt' });
    expect(Buffer.from(content).toString()).toBe('one');
    const saved = await runtime.writeFile({ path: 'a.txt', content: Buffer.from('two'), etag });
    const late = runtime.writeFile({ path: 'a.txt', content: Buffer.from('three'), etag });
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT', details: { etag: saved.etag } });
    await expect(runtime.readFile({ path: '../x' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await runtime.deleteFile({ path: 'a.txt', etag: saved.etag });
    await expect(runtime.readFile({ path: 'a.txt' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('says that there is no repository, and what it uses', async () => {
    expect(await runtime.getGitStatus({})).toMatchObject({ repository: false, files: [] });
    expect((await runtime.getGitDiff({})).patch).toHaveLength(0);
    expect((await runtime.getStats({})).memoryBytes).toBeGreaterThan(0n);
  });
});
