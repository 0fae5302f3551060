// The three services as three processes, from the folders of their images.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DemoReport } from '../demo/demo-report.js';
import { type AgentSession, aileron, callLinear, eventually, RunningService } from './running-service.fixture.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const images = mkdtempSync(join(tmpdir(), 'aileron-images-'));
const PARTS = ['mgmt-plane', 'credential-service', 'proxy'] as const;

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/image.ts', ...PARTS, '--out', images], { cwd: ROOT, timeout: 240_000 });
}, 250_000);
afterAll(() => rmSync(images, { recursive: true }));

describe('image folders', () => {
  it('hold a build and production dependencies, and no tool of ours', () => {
    for (const part of PARTS) {
      expect(readdirSync(join(images, part))).toEqual(expect.arrayContaining(['dist', 'node_modules']));
      for (const tool of ['jest', '@jest', '@aileron/testing', 'typescript'])
        expect(existsSync(join(images, part, 'node_modules', tool))).toBe(false);
    }
  });
});

describe('demo --split', () => {
  it.each(['yes', 'no'])('passes unchanged with three processes, approve %s', async (answer) => {
    const { code, stdout, stderr } = await aileron(
      ['--json', 'demo', '--agent', 'fake', '--approve', answer, '--split', '--images', images],
      { timeoutMs: 110_000 },
    );
    const report = JSON.parse(stdout || '{}') as Partial<DemoReport>;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(report).toMatchObject({ ok: true, audit: { verified: true }, canary: { leaked: 0 } });
  });
});

describe('service --split', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await RunningService.start({ options: ['--split'] });
    await service.fillVault();
  });
  afterAll(() => service.close());

  const pidOf = (name: string) => service.file.processes.find((each) => each.service === name)?.pid;
  const QUERY = { query: 'query($first: Int) { teams(first: $first) { nodes { id key name } } }' };

  /** What died before may still be on its way back, and a start of a session waits for a proxy five seconds only. */
  const sessionOnceReady = async (): Promise<AgentSession> => {
    let session: AgentSession | undefined;
    await eventually(async () => {
      session = await service.startSession().catch(() => undefined);
      return session !== undefined;
    }, 30_000);
    return session!;
  };

  it.each([...PARTS, 'postgres'])(
    'starts %s again when it dies, and calls go on',
    async (name) => {
      const session = await sessionOnceReady();
      expect(await callLinear(session, QUERY)).toMatchObject({ status: 200 });
      const pid = pidOf(name) ?? 0;
      process.kill(pid, 'SIGKILL');
      await eventually(() => pidOf(name) !== pid);
      if (name === 'credential-service') {
        // Its keys were in memory only: the person unlocks again.
        await eventually(async () => (await callLinear(session, QUERY)).status === 503);
        await service.unlock(session);
      }
      await eventually(async () => (await callLinear(session, QUERY).catch(() => null))?.status === 200, 30_000);
    },
    90_000,
  );

  it('leaves no process behind when the host of the parts is killed', async () => {
    const parts = PARTS.map((name) => pidOf(name) ?? 0);
    await service.kill();
    await eventually(() => parts.every((pid) => !existsSync(`/proc/${pid}`)));
  });
});
