import { constants } from 'node:fs';
import { access, mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledAgent } from '@aileron/agents';
import {
  connectorContents,
  createCgroup,
  ENTER_PROGRAM,
  INSIDE,
  prepareSandbox,
  withAgentToken,
  type SandboxPlan,
} from '@aileron/sandbox';
import type { LaunchSession, WorkspaceLaunch } from '../provisioner.port.js';
import { cgroupNameOf } from './cgroup-name.js';
import type { LocalProvisionerOptions } from './local-provisioner.options.js';
import type { LaunchFolder, WorkspaceFolder } from './workspace-folder.js';

export interface PreparedLaunch {
  readonly plan: SandboxPlan;
  /** Paths of the control groups that hold everything inside; empty where none can be made. */
  readonly cgroups: readonly string[];
}

/** Writes what the sandboxes of a launch show inside, and the plan by which they are entered. */
export async function prepareLaunch(
  workspace: WorkspaceFolder,
  folder: LaunchFolder,
  input: { launch: WorkspaceLaunch; agents: readonly InstalledAgent[]; options: LocalProvisionerOptions },
): Promise<PreparedLaunch> {
  const { launch, agents, options } = input;
  for (const name of ['state', 'nothing'] as const) await mkdir(folder.file(name), { mode: 0o700 });
  const plan = await prepareSandbox({
    sessionId: launch.session.sessionId,
    agentToken: launch.session.agentToken.exposeString(),
    runtimeDirectory: launch.session.runtimeDirectory,
    projectDirectory: workspace.projectDirectory,
    homeDirectory: workspace.homeDirectory,
    stateDirectory: folder.file('state'),
    // The volume is a folder that this package made, in the home of Aileron.
    protectedDirectories: [],
    contents: connectorContents(options.connectors),
    promptHint: options.promptHint,
    hostName: hostNameOf(launch.name),
    agent: { argv: [], env: {}, files: [], installDirectory: folder.file('nothing') },
    agentDirectories: Object.fromEntries(agents.map(({ name, directory }) => [name, directory])),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const cgroup = await createCgroup(plan.limits, await cgroupNameOf(folder));
  const sharedLimits = { joinPaths: cgroup.joinPaths, enforced: [...cgroup.enforced] };
  return { plan: { ...plan, sharedLimits }, cgroups: cgroup.directories };
}

/** The plan holds the agent's token: it is this user's alone, and no sandbox shows it. */
export async function writeParts(
  workspace: WorkspaceFolder,
  folder: LaunchFolder,
  input: PreparedLaunch & { agents: readonly InstalledAgent[]; options: LocalProvisionerOptions },
): Promise<void> {
  const { plan, cgroups, agents, options } = input;
  const prefix = agentPrefix(folder, options.nodePath);
  const { workspaceId } = workspace;
  const shell = await findShell();
  const anthropic = options.connectors.find(({ name }) => name === 'anthropic');
  const files = {
    'plan.json': plan,
    'runtime.json': {
      workspaceId,
      projectDirectory: workspace.projectDirectory,
      cgroup: await countingGroup(cgroups),
      agentPrefix: prefix,
      agents: agents.map(({ name, command }) => {
        return { kind: name, installDirectory: `${INSIDE.agents}/${name}`, command };
      }),
      promptHint: options.promptHint,
      anthropicPlaceholder: anthropic?.credential.placeholder ?? '',
    },
    'terminal.json': {
      workspaceId,
      command: [...prefix, shell, '-l'],
      workingDirectory: '/',
      environment: { SHELL: shell },
    },
  } as const;
  for (const [name, content] of Object.entries(files) as [keyof typeof files, object][]) {
    await writeFile(folder.file(name), JSON.stringify(content), { mode: 0o600, flag: 'wx' });
  }
}

/**
 * Gives the commands of a launch that runs the token its session has now. False when they cannot have it, for what they see
 * is another session's.
 */
export async function renewToken(folder: LaunchFolder, session: LaunchSession): Promise<boolean> {
  const plan = JSON.parse(await readFile(folder.file('plan.json'), 'utf8')) as SandboxPlan;
  const runtimeDirectory = await realpath(session.runtimeDirectory);
  if (plan.sessionId !== session.sessionId || plan.runtimeDirectory !== runtimeDirectory) return false;
  const renewed = withAgentToken(plan, session.agentToken.exposeString());
  const path = folder.file('plan.json');
  await writeFile(`${path}.new`, JSON.stringify(renewed), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return true;
}

/** Puts a command into the sandbox of a launch. */
const agentPrefix = (folder: LaunchFolder, nodePath: string): string[] => [
  nodePath,
  ENTER_PROGRAM,
  folder.file('plan.json'),
  '--',
];

/** The one that says what all of it uses; version 1 has one for each controller, and none that does. */
async function countingGroup(cgroups: readonly string[]): Promise<string | null> {
  const [group] = cgroups;
  if (group === undefined || cgroups.length > 1) return null;
  return access(join(group, 'memory.current'), constants.R_OK).then(
    () => group,
    () => null,
  );
}

const findShell = (): Promise<string> =>
  access('/bin/bash', constants.X_OK).then(
    () => '/bin/bash',
    () => '/bin/sh',
  );

/** RFC 1123; whatever people call a workspace. */
function hostNameOf(name: string): string {
  const label = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-|-$/g, '');
  return label === '' ? 'workspace' : label;
}
