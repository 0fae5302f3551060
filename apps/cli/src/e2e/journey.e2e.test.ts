// A workspace from its creation to its end, over REST and by the command line, against everything real.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { workspaceApi } from '../api/workspace-api.js';
import { requireService } from '../home/service-file.js';
import { approvalOf, createWorkspace, LONG_MS, printed, Talk } from './journey.fixture.js';
import { aileron, eventually, randomName } from './running-service.fixture.js';
import { UpUnderTest } from './up.fixture.js';

const isOver = (text: RegExp) => (view: Parameters<typeof printed>[0]) => text.test(printed(view));

describe('a workspace', () => {
  let under: UpUnderTest;
  let client: WorkspaceClient;
  let workspace: WorkspaceView;
  let talk: Talk;
  const run = (...args: string[]) =>
    aileron(['--home', under.home.root, ...args], {
      env: { AILERON_PASSPHRASE: under.passphrase.exposeString() },
      timeoutMs: LONG_MS,
    });
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await run('--json', ...args);
    if (stdout === '') throw new Error(`${args.join(' ')} printed nothing, ${code}: ${stderr}`);
    return JSON.parse(stdout) as T;
  };

  beforeAll(async () => {
    under = await UpUnderTest.start();
    client = workspaceApi(requireService(under.home));
    workspace = await createWorkspace(client);
    talk = await Talk.start(client, workspace);
  }, 300_000);
  afterAll(() => under.close(), 120_000);

  it('is a place where an agent files an issue once a person has approved', async () => {
    const title = `Broken link ${randomName()}`;
    await talk.say(`/exec linear create-issue --title "${title}" --team ENG`);
    const approvalId = await approvalOf(under.api, title);
    expect((await run('approval', 'approve', approvalId)).code).toBe(0);
    const view = await talk.until(isOver(new RegExp(`created ENG-\\d+ +${title}`)));
    const [, issue = ''] = /created (ENG-\d+)/.exec(printed(view)) ?? [];
    await talk.say(`/exec linear get-issue --id ${issue}`);
    await talk.until(isOver(new RegExp(`^(?!created).*${title}`, 'm')));
    const { records } = await under.api.queryAudit({ sessionId: workspace.sessionId ?? '', limit: 1_000 });
    expect(JSON.stringify(records)).toContain(approvalId);
  }, 300_000);

  it('gives the agent the reason when a person denies', async () => {
    const title = `Delete everything ${randomName()}`;
    await talk.say(`/exec linear create-issue --title "${title}" --team ENG`);
    await run('approval', 'deny', await approvalOf(under.api, title), '--reason', 'not on a Friday');
    expect(printed(await talk.until(isOver(/not on a Friday/)))).not.toContain(`created ENG-0 ${title}`);
  }, 300_000);

  it('shows what the agent changed: files, status and diff', async () => {
    const params = { workspaceId: workspace.workspaceId };
    await talk.say(
      '/exec git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first; echo made',
    );
    await talk.until(isOver(/^made/m));
    await talk.say('/exec printf "one\\n" > notes.txt && git add -N notes.txt && echo written');
    await talk.until(isOver(/^written/m));
    const { entries } = await client.listFiles({ params });
    expect(entries.map(({ path }) => path)).toContain('notes.txt');
    expect((await client.getGitStatus({ params })).files.map(({ path }) => path)).toEqual(['notes.txt']);
    expect((await client.getGitDiff({ params })).patch).toContain('+one');
    const read = await client.readFile({ params, query: { path: 'notes.txt' } });
    await client.saveFile({ params, body: { path: 'notes.txt', text: 'two\n', etag: read.etag } });
    const stale = client.saveFile({ params, body: { path: 'notes.txt', text: 'three\n', etag: read.etag } });
    await expect(stale).rejects.toMatchObject({ code: 'CONFLICT' });
  }, 300_000);

  it('is created by the curl of the documentation, which says what is missing where there is no engine', async () => {
    const curl = (provisioner: string, name: string): string =>
      execFileSync('curl', [
        '-s',
        '-w',
        ' %{http_code}',
        '-X',
        'POST',
        `${requireService(under.home).workspaces ?? ''}/api/v1/workspaces`,
        '-H',
        'Content-Type: application/json',
        '-d',
        JSON.stringify({ name, provisioner }),
      ]).toString();
    const available = (await client.listProvisioners()).provisioners.find(
      ({ provisioner }) => provisioner === 'docker',
    );
    if (available?.available !== true) {
      const refused = curl('docker', 'my-workspace');
      expect(refused).toMatch(/ 422$/);
      expect(JSON.parse(refused.slice(0, -4))).toMatchObject({
        code: 'PROVISIONER_UNAVAILABLE',
        fields: [{ field: 'provisioner', message: expect.stringContaining('local') }],
      });
    }
    const made = curl('local', 'my-workspace');
    expect(made).toMatch(/ 201$/);
    await run('workspace', 'delete', 'my-workspace', '--force');
  }, 300_000);

  it('is made, stopped, started, read and deleted by the command line', async () => {
    const name = `cli-${randomName()}`;
    const created = await run('workspace', 'create', name);
    expect(created).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`^${name}  wsp_\\w+  running\n$`)),
    });
    expect(created.stderr).toMatch(/^1\/\d+ {2}.*: done, [\d.]+ s$/m);
    expect(await json('workspace', 'stop', name)).toMatchObject({ name, phase: 'stopped' });
    expect(await json('workspace', 'start', name)).toMatchObject({ name, phase: 'running' });
    await eventually(async () => (await json<WorkspaceView>('workspace', 'show', name)).attention === 'idle', LONG_MS);
    // The demo unlocks each by itself, so there is nothing left to do for a person.
    expect(await json('workspace', 'unlock', name)).toMatchObject({ unlocked: false });
    expect((await run('workspace', 'list')).stdout).toMatch(new RegExp(`^${name} +running`, 'm'));
    expect((await run('workspace', 'logs', name)).stdout).toMatch(/^1\/\d+/m);
    expect(await json('workspace', 'delete', name)).toMatchObject({ removed: true });
    expect(await json('workspace', 'show', name)).toMatchObject({ error: { code: 'NOT_FOUND' } });
  }, 300_000);

  it('is not served twice: a second `up` says who runs', async () => {
    const { pid } = requireService(under.home);
    const second = await run('--json', 'up', '--port', '0');
    expect(JSON.parse(second.stdout)).toMatchObject({
      error: { code: 'HOME_IN_USE', details: { pid, page: under.url } },
    });
  });

  it('shows its jobs on Bull Board, to look at and from this machine only', async () => {
    const queues = (await (await fetch(`${under.boardUrl}/api/queues`)).json()) as { queues: { name: string }[] };
    expect(queues.queues.map(({ name }) => name)).toContain('workspace.operation');
    const changed = await fetch(`${under.boardUrl}/api/queues/workspace.operation/pause`, { method: 'PUT' });
    expect(changed.status).toBeGreaterThanOrEqual(400);
  });

  it('is the same to two readers who stay over a kill of everything and its next start', async () => {
    const told = Array.from({ length: 40 }, (_, number) => `/say line ${number}.`);
    await talk.say([...told.slice(0, 20), '/wait 3000', ...told.slice(20)].join('\n'));
    const readers = [1, 2].map(() => talk.until((view) => spoken(view).includes('line 39.')));
    await talk.until((view) => spoken(view).includes('line 5.'));
    // With `--demo` again: the home's demo goes on, its vault and its fake services among it.
    await under.killAndStartAgain();
    const [one, other] = await Promise.all(readers);
    expect(one && spoken(one)).toEqual(other && spoken(other));
    const lines = (one === undefined ? [] : spoken(one)).filter((text) => /^line \d+\.$/.test(text));
    expect(lines).toEqual(told.map((line) => line.slice('/say '.length)));
  }, 400_000);

  it('leaves nothing running behind Ctrl-C', async () => {
    expect(processesOf(under.home.root).length).toBeGreaterThan(0);
    await under.stop();
    expect(processesOf(under.home.root)).toEqual([]);
  }, 120_000);
});

/** What the agent said, in order. */
const spoken = (view: Parameters<typeof printed>[0]): string[] =>
  view.items.flatMap((item) => (item.type === 'message' && item.role === 'assistant' ? [item.text] : []));

/** Processes whose command line names the home. */
function processesOf(home: string): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid,args', '--no-headers']).toString().split('\n');
  return lines.filter((line) => line.includes(home));
}
