import type { Command } from 'commander';
import type { WorkspaceView } from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import { visible } from '../output/output.js';
import { readPassphrase } from '../vault/passphrase.js';
import { unlockSessions } from '../vault/unlock-sessions.js';
import { findWorkspace } from '../workspace/find-workspace.js';
import { settledWorkspace, type SettleInput } from '../workspace/settled-workspace.js';
import { StepLines } from '../workspace/step-lines.js';
import { workspaceEvents } from '../workspace/workspace-events.js';
import { workspaceLines, workspaceTable } from '../workspace/workspace-lines.js';
import type { CommandContext } from './command-context.js';
import type { Action, Register } from './register.js';

const LONGEST_MS = 600_000;

interface CreateOptions {
  readonly provisioner?: 'local';
  readonly template?: string;
  readonly image?: string;
  readonly allow?: string[];
  readonly wait: boolean;
}

/** `aileron workspace create|list|show|start|stop|restart|delete|logs|unlock` */
export const registerWorkspace: Register = (program, action) => {
  const workspace = program.command('workspace').description('workspaces: places where agents work');
  registerCreate(workspace, action);
  registerReading(workspace, action);
  registerIntents(workspace, action);
  registerUnlock(workspace, action);
};

function registerCreate(workspace: Command, action: Action): void {
  workspace
    .command('create <name>')
    .description('create a workspace and wait until it runs')
    .option('--provisioner <kind>', 'local, docker or kubernetes (default: local)')
    .option('--template <name>', 'what it is made from')
    .option('--image <image>', 'of docker and kubernetes')
    .option('--allow <domain...>', 'domains it may reach beside those of connectors and platform')
    .option('--no-wait', 'answer once it is accepted')
    .action(
      action<[string, CreateOptions]>(async (context, name, { provisioner, template, image, allow, wait }) => {
        const client = await context.workspaces();
        const body = {
          name,
          ...(provisioner !== undefined && { provisioner }),
          ...(template !== undefined && { template }),
          ...(image !== undefined && { image }),
          ...(allow !== undefined && { workspace_firewall_allowed_domains: allow }),
        };
        const intent = await client.createWorkspace({ body });
        await answer(context, { intent, goal: 'running', wait });
      }),
    );
}

function registerReading(workspace: Command, action: Action): void {
  workspace
    .command('list')
    .description('workspaces, the newest first')
    .option('--search <text>', 'whose name contains it')
    .action(
      action<[{ search?: string }]>(async ({ workspaces, output }, { search }) => {
        const query = { limit: 200, ...(search !== undefined && { search }) };
        const listed = await (await workspaces()).listWorkspaces({ query });
        output.result(listed, () => workspaceTable(listed.workspaces));
      }),
    );
  workspace
    .command('show <workspace>')
    .description('one workspace, by its name or id')
    .action(
      action<[string]>(async ({ workspaces, output }, which) => {
        const found = await findWorkspace(await workspaces(), which);
        output.result(found, () => workspaceLines(found));
      }),
    );
  workspace
    .command('logs <workspace>')
    .description('the steps of its present state and what they wrote')
    .option('--follow', 'go on until Ctrl-C')
    .action(
      action<[string, { follow?: boolean }]>(async (context, which, { follow = false }) =>
        logs(context, which, follow),
      ),
    );
}

function registerIntents(workspace: Command, action: Action): void {
  const intents = [
    { verb: 'start', method: 'startWorkspace', goal: 'running', description: 'start a stopped workspace on its data' },
    { verb: 'stop', method: 'stopWorkspace', goal: 'stopped', description: 'stop a workspace; its data stays' },
    {
      verb: 'restart',
      method: 'restartWorkspace',
      goal: 'running',
      description: 'stop a workspace and start it again',
    },
  ] as const;
  for (const { verb, method, goal, description } of intents) {
    workspace
      .command(`${verb} <workspace>`)
      .description(description)
      .option('--no-wait', 'answer once it is accepted')
      .action(
        action<[string, { wait: boolean }]>(async (context, which, { wait }) => {
          const client = await context.workspaces();
          const { workspaceId } = await findWorkspace(client, which);
          await answer(context, { intent: await client[method]({ params: { workspaceId } }), goal, wait });
        }),
      );
  }
  workspace
    .command('delete <workspace>')
    .description('delete a workspace with all its data')
    .option('--force', 'without asking anything inside to end')
    .option('--no-wait', 'answer once it is accepted')
    .action(
      action<[string, { force?: boolean; wait: boolean }]>(async (context, which, { force = false, wait }) => {
        const client = await context.workspaces();
        const { workspaceId } = await findWorkspace(client, which);
        const intent = await client.deleteWorkspace({ params: { workspaceId }, query: { force } });
        await answer(context, { intent, goal: 'removed', wait });
      }),
    );
}

function registerUnlock(workspace: Command, action: Action): void {
  workspace
    .command('unlock <workspace>')
    .description('give its session the keys of your vault')
    .option('--passphrase-file <file>', 'read the passphrase from a file, - for standard input')
    .action(
      action<[string, { passphraseFile?: string }]>(async (context, which, { passphraseFile }) => {
        const { workspaceId, sessionId } = await findWorkspace(await context.workspaces(), which);
        if (sessionId === null)
          throw new AileronError('PRECONDITION_FAILED', { workspaceId, reason: 'it does not run' });
        const passphrase = await readPassphrase({ configured: context.passphrase, file: passphraseFile });
        const { home } = context;
        const unlocked = await unlockSessions({ api: context.api(), home, passphrase, sessionId, now: new Date() });
        context.output.result({ workspaceId, sessionId, unlocked: unlocked.length > 0 }, () => [
          unlocked.length > 0 ? `${which} is unlocked.` : `${which} was not locked.`,
        ]);
      }),
    );
}

interface Intended extends Pick<SettleInput, 'goal'> {
  readonly intent: WorkspaceView;
  readonly wait: boolean;
}

/** The answer to what was wanted: at once, or once it is so, with each step on the way. */
async function answer({ output, workspaces }: CommandContext, { intent, goal, wait }: Intended): Promise<void> {
  const onStep = (line: string): void => output.note(line);
  const settled = wait
    ? await settledWorkspace({ client: await workspaces(), intent, goal, withinMs: LONGEST_MS, onStep })
    : intent;
  const { workspaceId, name } = intent;
  output.result(settled ?? { workspaceId, removed: true }, () => [
    `${name}  ${workspaceId}  ${settled?.phase ?? 'removed'}`,
  ]);
}

async function logs({ workspaces, output }: CommandContext, which: string, follow: boolean): Promise<void> {
  const client = await workspaces();
  const { workspaceId } = await findWorkspace(client, which);
  const steps = new StepLines();
  const lines: string[] = [];
  const tell = (line: string): void => {
    if (follow && !output.json) output.result(line, () => [line]);
    else lines.push(line);
  };
  for await (const event of workspaceEvents(client, { workspaceId, signal: untilInterrupted(follow) })) {
    if (event.type === 'line') tell(`${event.at}  ${event.step ?? '-'}  ${visible(event.text)}`);
    if (event.type === 'changed') for (const line of steps.next(event.workspace)) tell(line);
    if (event.type === 'live' && !follow) break;
  }
  if (!follow || output.json) output.result({ lines }, () => lines);
}

function untilInterrupted(follow: boolean): AbortSignal {
  if (!follow) return AbortSignal.timeout(30_000);
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
