// A Docker workspace from the documentation's curl to its end, and a hostile program in it, against everything real.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openPrompts } from '@aileron/contracts/agent-events';
import { WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { DEFAULT_ISSUE_TITLE } from '@aileron/testing';
import { workspaceImage, hasDocker, TestEngine } from '@aileron/testing/docker';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { workspaceApi } from '../api/workspace-api.js';
import { requireService } from '../home/service-file.js';
import {
  asAgent,
  followedInRace,
  followedLinks,
  killEverything,
  ledByRepository,
} from './hostile/hostile-project.fixture.js';
import { readText, runHostileClient, save, WITHIN_MS } from './hostile/hostile-workspace.fixture.js';
import { approvalOf, approve, createWorkspace, LONG_MS, printed, settled, Talk } from './journey.fixture.js';
import { eventually, randomName } from './running-service.fixture.js';
import { TerminalUnderTest } from './terminal.fixture.js';
import { UpUnderTest } from './up.fixture.js';

/** What the parts can read in a container, and agents cannot. */
const OUTSIDE = { folder: '/run/workspace', file: 'runtime.json' };
const PREPARATION_MS = 600_000;

const required = process.env['AILERON_REQUIRE_ALL'] === '1';
const describeDocker = (await hasDocker()) || required ? describe : describe.skip;

describeDocker('a docker workspace', () => {
  let engine: TestEngine;
  let up: UpUnderTest;
  let client: WorkspaceClient;
  let workspace: WorkspaceView;
  let other: WorkspaceView;
  let talk: Talk;
  const params = () => ({ workspaceId: workspace.workspaceId });
  const present = () => client.getWorkspace({ params: params() });
  const ofWorkspace = () => ({ filters: { label: [`dev.aileron.workspace=${workspace.workspaceId}`] } });
  const containers = () => engine.docker.listContainers({ all: true, ...ofWorkspace() });
  const hasEnded = async (sessionId: string) => (await up.api.getSession(sessionId)).state === 'ended';
  const volumes = async () => (await engine.docker.listVolumes(ofWorkspace())).Volumes;

  beforeAll(async () => {
    engine = await TestEngine.start();
    const [started] = await Promise.all([
      UpUnderTest.start({ env: { DOCKER_HOST: engine.host } }),
      workspaceImage(engine, 'aileron/workspace:latest'),
    ]);
    up = started;
    client = workspaceApi(requireService(up.home));
  }, PREPARATION_MS);
  afterAll(async () => {
    await up?.close();
    await engine?.destroy();
  }, 180_000);

  it('is created by the curl of the documentation', async () => {
    const body = '{\n"name": "my-workspace",\n"provisioner": "docker"\n}';
    const url = `${requireService(up.home).workspaces ?? ''}/api/v1/workspaces`;
    const args = ['-s', '-X', 'POST', url, '-H', 'Content-Type: application/json', '-d', body];
    const made = WorkspaceView.parse(JSON.parse(execFileSync('curl', args).toString()));
    expect(made).toMatchObject({ name: 'my-workspace', provisioner: 'docker', phase: 'creating' });
    workspace = await settled(client, made);
    const [container] = await containers();
    expect(container).toMatchObject({ State: 'running' });
    other = await createWorkspace(client, { provisioner: 'docker' });
  }, 300_000);

  it('is a place where an agent files an issue once a person has approved', async () => {
    talk = await Talk.start(client, workspace);
    const title = `Broken link ${randomName()}`;
    await talk.say(`/exec linear create-issue --title "${title}" --team ENG`);
    await approve(up, await approvalOf(up.api, title));
    const view = await talk.until((each) => printed(each).includes('created ENG-'));
    const [, issue = ''] = /created (ENG-\d+)/.exec(printed(view)) ?? [];
    await talk.say(`/exec echo "asked Linear:"; linear get-issue --id ${issue}`);
    await talk.until((each) => new RegExp(`asked Linear:[^]*${title}`).test(printed(each)));
  }, 300_000);

  it('runs Claude Code, which asks the person first and Linear after', async () => {
    const claude = await Talk.start(client, workspace, { agent: 'claude-code' });
    await claude.say('File an issue about the pricing page.');
    const answered = new Set<string>();
    const filed = claude.until((view) => {
      for (const { promptId } of openPrompts(view).filter((prompt) => !answered.has(prompt.promptId))) {
        answered.add(promptId);
        void claude.allow(promptId);
      }
      return /Created ENG-\d+/.test(JSON.stringify(view.items));
    });
    await approve(up, await approvalOf(up.api, DEFAULT_ISSUE_TITLE));
    await filed;
    expect(answered.size).toBeGreaterThan(0);
  }, 300_000);

  it('shows files and differences, and has a terminal', async () => {
    const commit = 'git -c user.name=a -c user.email=a@b commit -qm first';
    await asAgent(
      { client, workspace, talk },
      `git init -q . && echo one >notes.txt && git add notes.txt && ${commit}`,
    );
    const { etag, text } = await client.readFile({ params: params(), query: { path: 'notes.txt' } });
    expect(text).toBe('one\n');
    await client.saveFile({ params: params(), body: { path: 'notes.txt', text: 'two\n', etag } });
    expect((await client.getGitStatus({ params: params() })).files.map(({ path }) => path)).toContain('notes.txt');
    expect((await client.getGitDiff({ params: params() })).patch).toContain('-one\n+two');
    await using terminal = await TerminalUnderTest.open(client, workspace);
    terminal.type('echo "$(id -un) $((6 * 7)) $(cat notes.txt)"\n');
    await terminal.shows('agent 42 two', LONG_MS);
  }, 120_000);

  it.each(['agent', 'shell'] as const)(
    'gives a hostile program nothing as %s but what the proxy does for its own session',
    async (as) => {
      const paths = [engine.socketPath, join(engine.directory, 'data')];
      const place = { up, client, workspace, talk, other, paths, processes: 1_024 };
      const { attempts, reached } = await runHostileClient(place, as);
      expect(attempts.filter(({ got }) => got !== null)).toEqual([]);
      expect(attempts.length).toBeGreaterThan(40);
      expect(reached).toEqual(['the proxy, for its own session']);
    },
    WITHIN_MS,
  );

  it('leads nobody out of the project, neither by links nor by its repository', async () => {
    const place = { client, workspace, talk, outside: OUTSIDE };
    expect(await followedLinks(place)).toEqual([]);
    expect(await followedInRace(place)).toEqual([]);
    const { ran, shown } = await ledByRepository(place);
    expect(ran).toContain(' 10000 ');
    expect(shown).not.toContain('agentPrefix');
    await killEverything(place);
    expect((await present()).phase).toBe('running');
  }, 120_000);

  it('stops with its data kept, starts again, and is deleted with everything', async () => {
    await save(client, workspace, 'kept.txt', 'kept');
    const before = (await present()).sessionId ?? '';
    await client.stopWorkspace({ params: params() });
    await eventually(async () => (await present()).phase === 'stopped', LONG_MS);
    expect(await containers()).toEqual([]);
    expect(await volumes()).toHaveLength(2);
    await eventually(() => hasEnded(before), LONG_MS);
    await settled(client, await client.startWorkspace({ params: params() }));
    expect(await readText(client, workspace, 'kept.txt')).toBe('kept');
    const { sessionId } = await present();
    await client.deleteWorkspace({ params: params(), query: {} });
    await eventually(async () => (await present().catch(() => null)) === null, LONG_MS);
    expect([...(await containers()), ...(await volumes())]).toEqual([]);
    expect(existsSync(up.home.path('docker', workspace.workspaceId))).toBe(false);
    await eventually(() => hasEnded(sessionId ?? ''), LONG_MS);
  }, 300_000);
});
