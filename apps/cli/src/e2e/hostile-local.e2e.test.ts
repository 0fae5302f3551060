// A hostile program in a local workspace of the real stack: the proxy is the only way out, and nothing of the host is seen.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workspaceApi } from '../api/workspace-api.js';
import { requireService } from '../home/service-file.js';
import { followedInRace, followedLinks, killEverything, ledByRepository } from './hostile/hostile-project.fixture.js';
import { runHostileClient, WITHIN_MS } from './hostile/hostile-workspace.fixture.js';
import { createWorkspace, Talk } from './journey.fixture.js';
import { UpUnderTest } from './up.fixture.js';

const OUTSIDE = 'canary of the host';

describe('a hostile program in a local workspace', () => {
  let up: UpUnderTest;
  let client: WorkspaceClient;
  let workspace: WorkspaceView;
  let other: WorkspaceView;
  let talk: Talk;
  let folder: string;
  const outside = () => ({ folder, file: 'host.txt' });

  beforeAll(async () => {
    up = await UpUnderTest.start();
    client = workspaceApi(requireService(up.home));
    [workspace, other] = await Promise.all([createWorkspace(client), createWorkspace(client)]);
    talk = await Talk.start(client, workspace);
    folder = mkdtempSync(join(tmpdir(), 'aileron-outside-'));
    writeFileSync(join(folder, 'host.txt'), OUTSIDE);
  }, 300_000);
  afterAll(async () => {
    await up.close();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it.each(['agent', 'shell'] as const)(
    'gets nothing as %s but what the proxy does for its own session',
    async (as) => {
      const { attempts, reached } = await runHostileClient(
        { up, client, workspace, talk, other, processes: 2_048 },
        as,
      );
      expect(attempts.filter(({ got }) => got !== null)).toEqual([]);
      expect(attempts.length).toBeGreaterThan(40);
      expect(reached).toEqual(['the proxy, for its own session']);
    },
    WITHIN_MS,
  );

  it('leads nobody out of the project by links', async () => {
    expect(await followedLinks({ client, workspace, talk, outside: outside() })).toEqual([]);
    expect(await followedInRace({ client, workspace, talk, outside: outside() })).toEqual([]);
    expect(readdirSync(folder)).toEqual(['host.txt']);
  }, 120_000);

  it('has its repository run nothing outside of its own boundary, and show nothing from there', async () => {
    const { ran, shown } = await ledByRepository({ client, workspace, talk, outside: outside() });
    // It did run, and saw what is inside alone.
    expect(ran).toMatch(/\/etc\/aileron\n$/);
    expect(shown).not.toContain(OUTSIDE);
  }, 120_000);

  it('ends with all that it may end, and has not disturbed the workspace', async () => {
    await killEverything({ client, workspace, talk });
    const { phase } = await client.getWorkspace({ params: { workspaceId: workspace.workspaceId } });
    expect(phase).toBe('running');
  }, 120_000);
});
