// What an agent makes of its project so that whoever looks at it from outside is led astray.
import type { WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { AileronError } from '@aileron/errors';
import { printed, Talk } from '../journey.fixture.js';
import { eventually, randomName } from '../running-service.fixture.js';
import { TerminalUnderTest } from '../terminal.fixture.js';
import { readText, save } from './hostile-workspace.fixture.js';

export interface Astray {
  readonly client: WorkspaceClient;
  readonly workspace: WorkspaceView;
  /** With an agent in it. */
  readonly talk: Talk;
  /** A folder that the parts can read and agents cannot, and a file in it. */
  readonly outside: { readonly folder: string; readonly file: string };
}

/** Runs a script as an agent does, to its end. */
export async function asAgent({ client, workspace, talk }: Omit<Astray, 'outside'>, script: string): Promise<string> {
  const name = `script-${randomName()}.sh`;
  await save(client, workspace, name, script);
  await talk.say(`/exec sh ./${name} 2>&1; echo "${name} ended"`);
  return printed(await talk.until((view) => printed(view).includes(`${name} ended`)));
}

/** Links of every kind to what is outside: which of them the API follows. */
export async function followedLinks(place: Astray): Promise<string[]> {
  const { client, workspace, outside } = place;
  const links = ['passwd', 'tree', 'file', 'env', 'loop', 'pipe', 'zero', 'up', 'disk', 'hard'];
  await asAgent(
    place,
    `mkdir -p links/deep && cd links
ln -s /etc/passwd passwd; ln -s / tree; ln -s ${outside.folder}/${outside.file} file; ln -s /proc/self/environ env
ln -s loop loop; mkfifo pipe; ln -s /dev/zero zero; ln -s ../../.. up; mknod disk b 254 0; ln ${outside.folder}/${outside.file} hard`,
  );
  const names = [
    ...links,
    'tree/etc/passwd',
    `tree${outside.folder}/${outside.file}`,
    'up/etc/passwd',
    'deep/../../../etc/passwd',
  ];
  const { workspaceId } = workspace;
  const tried: Record<string, () => Promise<unknown>> = {};
  for (const name of names) {
    const path = `links/${name}`;
    tried[`read ${name}`] = () => client.readFile({ params: { workspaceId }, query: { path } });
    tried[`list ${name}`] = () => client.listFiles({ params: { workspaceId }, query: { path } });
  }
  for (const name of [`tree${outside.folder}/made`, 'up/tmp/made', 'tree/tmp/made']) {
    tried[`write ${name}`] = () =>
      client.saveFile({ params: { workspaceId }, body: { path: `links/${name}`, text: 'x', etag: '' } });
  }
  tried['delete'] = () =>
    client.deleteFile({
      params: { workspaceId },
      query: { path: `links/tree${outside.folder}/${outside.file}`, etag: 'x' },
    });
  const results = await Promise.all(
    Object.entries(tried).map(async ([name, work]) => ((await isRefused(work)) ? [] : [name])),
  );
  return results.flat();
}

/** A place that is a folder of the project and a link out of it in turns, while it is read and written. */
export async function followedInRace(place: Astray): Promise<string[]> {
  const { client, workspace, outside } = place;
  const { workspaceId } = workspace;
  const script = `mkdir -p race/inner race/turns; echo inside >race/inner/${outside.file}; cd race
end=$(($(date +%s) + 15)); while [ ! -e over ] && [ $(date +%s) -lt $end ]; do
ln -sfn inner swap; ln -sfn ${outside.folder} swap; done; echo done`;
  const racing = asAgent(place, script);
  const seen: string[] = [];
  await eventually(async () => (await readText(client, workspace, `race/inner/${outside.file}`)) !== null, 60_000);
  for (let turn = 0; turn < 60; turn += 1) {
    const query = { path: `race/swap/${outside.file}` };
    const read = await client.readFile({ params: { workspaceId }, query }).catch(() => null);
    if (read !== null && read.text !== 'inside\n') seen.push(`read: ${read.text ?? ''}`);
    const body = { path: `race/swap/made-${turn}`, text: 'x', etag: '' };
    await client.saveFile({ params: { workspaceId }, body }).catch(() => null);
  }
  await save(client, workspace, 'race/over', '');
  await racing;
  return seen;
}

/** A repository that names programs to be run and places to look at. What ran tells who it was. */
export async function ledByRepository(place: Astray): Promise<{ ran: string; shown: string }> {
  const { client, workspace, outside } = place;
  const params = { workspaceId: workspace.workspaceId };
  const tell = `sh -c 'echo "$0 $(id -u) $(ls -d /etc/aileron)" >>/workspace/ran; cat'`;
  await asAgent(
    place,
    `rm -rf .git ran; git init -q . && git config user.email a@b && git config user.name a
echo one >${outside.file}; git add ${outside.file}; git commit -qm first; echo two >${outside.file}
echo '* filter=evil diff=evil' >.git/info/attributes
git config filter.evil.clean "${tell.replaceAll('$', String.raw`\$`).replaceAll('"', String.raw`\"`)}"
git config filter.evil.smudge cat; git config diff.evil.textconv 'touch /workspace/ran-textconv; cat'
git config core.fsmonitor 'touch /workspace/ran-fsmonitor;'; git config diff.external 'touch /workspace/ran-external;'
git config core.hooksPath /workspace/hooks; git config core.sshCommand 'touch /workspace/ran-ssh;'
git config core.pager 'touch /workspace/ran-pager;'; git config alias.status '!touch /workspace/ran-alias'`,
  );
  await client.getGitStatus({ params });
  await client.getGitDiff({ params });
  const ran = (await readText(client, workspace, 'ran')) ?? '';
  await asAgent(place, `git config --unset filter.evil.clean; git config core.worktree ${outside.folder}`);
  const [status, diff] = await Promise.all([
    client.getGitStatus({ params }).catch(() => null),
    client.getGitDiff({ params }).catch(() => null),
  ]);
  await asAgent(place, 'rm -rf .git');
  return { ran, shown: JSON.stringify([status, diff]) };
}

/** Ends whatever a shell may end; the parts go on, and start an agent anew. @throws when they do not */
export async function killEverything({ client, workspace }: Omit<Astray, 'outside'>): Promise<void> {
  const terminal = await TerminalUnderTest.open(client, workspace);
  terminal.type('kill -KILL -1; kill -KILL $(ls /proc | grep "^[0-9]*$")\n');
  const params = { workspaceId: workspace.workspaceId };
  const hasEnded = async () =>
    (await client.listTerminals({ params })).terminals.every(({ exitCode }) => exitCode !== null);
  await eventually(hasEnded, 60_000);
  await using after = await TerminalUnderTest.open(client, workspace);
  after.type('echo still-$((40 + 2))\n');
  await after.shows('still-42');
  const talk = await Talk.start(client, workspace);
  await talk.say('/exec echo still here');
  await talk.until((view) => printed(view).includes('still here'));
  await terminal[Symbol.asyncDispose]();
}

async function isRefused(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    // A fault of ours is no refusal.
    return AileronError.is(error) && error.code !== 'INTERNAL';
  }
}
