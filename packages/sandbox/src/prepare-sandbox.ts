import { lstat, mkdir, readdir, realpath, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { AileronError } from '@aileron/errors';
import { checkBubblewrap } from './bubblewrap-check.js';
import { etcFiles } from './etc-files.js';
import { writePlatformFolder } from './platform-folder.js';
import { vetProjectDirectory } from './project-directory.js';
import { sandboxEnvironment, tokenEnvironment } from './sandbox-environment.js';
import { INSIDE, type SandboxInput, type SandboxLimits, type SandboxPlan } from './sandbox-plan.js';
import { trustBundle } from './trust-bundle.js';

const GIB = 1_073_741_824;
/** About 150 tokens: the agent pays for it with each call. */
const MAX_HINT_CHARACTERS = 1_000;

/**
 * Writes what a sandbox of this session shows to its agent and returns the plan to run it.
 * @throws AileronError SANDBOX_UNAVAILABLE, INVALID_ARGUMENT (a project that must not be mounted)
 */
export async function prepareSandbox(input: SandboxInput): Promise<SandboxPlan> {
  const bubblewrap = await checkBubblewrap();
  const projectDirectory = await vetProjectDirectory(input.projectDirectory, input.protectedDirectories);
  const stateDirectory = await claimStateDirectory(input.stateDirectory);
  const homeDirectory =
    input.homeDirectory === undefined
      ? await writeHome(join(stateDirectory, 'home'), input.agent.files)
      : await realpath(input.homeDirectory);
  await writePlatformFolder(join(stateDirectory, 'platform'), input.contents.shims);
  await writeEtc(join(stateDirectory, 'etc'), input);
  return {
    sessionId: input.sessionId,
    bubblewrapPath: bubblewrap.path,
    runtimeDirectory: await realpath(input.runtimeDirectory),
    projectDirectory,
    homeDirectory,
    stateDirectory,
    agentDirectory: await realpath(input.agent.installDirectory),
    argv: input.agent.argv,
    environment: sandboxEnvironment({
      agentToken: input.agentToken,
      agentEnv: input.agent.env,
      placeholderEnv: input.contents.placeholderEnv,
    }),
    sessionJson: sessionJson(input),
    limits: { ...defaultLimits(), ...input.limits },
    hostName: input.hostName ?? 'aileron',
    agentDirectories: await realDirectories(input.agentDirectories ?? {}),
  };
}

async function realDirectories(directories: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const entries = Object.entries(directories).map(async ([name, path]) => [name, await realpath(path)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** The same plan for a session whose token is another by now. */
export const withAgentToken = (plan: SandboxPlan, agentToken: string): SandboxPlan => ({
  ...plan,
  environment: { ...plan.environment, ...tokenEnvironment(agentToken) },
  sessionJson: sessionJson({ sessionId: plan.sessionId, agentToken }),
});

const sessionJson = ({ sessionId, agentToken }: Pick<SandboxInput, 'sessionId' | 'agentToken'>): string =>
  JSON.stringify({ sessionId, token: agentToken, proxyPort: INSIDE.proxyPort });

/** An agent that asks for most of the machine gets it; one that asks for all does not take the host down. */
function defaultLimits(): SandboxLimits {
  return {
    processes: 2_048,
    memoryBytes: Math.max(2 * GIB, Math.floor(totalmem() * 0.75)),
    cpus: availableParallelism(),
    openFiles: 16_384,
    temporaryBytes: 2 * GIB,
  };
}

/** A folder that had something in it could hold links of an earlier agent, through which we would write elsewhere. */
async function claimStateDirectory(path: string): Promise<string> {
  const directory = await realpath(path);
  if (!(await lstat(directory)).isDirectory() || (await readdir(directory)).length > 0) {
    const fields = [{ field: 'stateDirectory', message: `${path} must be an empty folder.` }];
    throw new AileronError('INVALID_ARGUMENT', { fields });
  }
  return directory;
}

async function writeHome(directory: string, files: SandboxInput['agent']['files']): Promise<string> {
  await mkdir(directory, { mode: 0o700 });
  for (const file of files) {
    const path = normalize(join(directory, file.path));
    if (!path.startsWith(`${directory}/`)) {
      throw new AileronError('INTERNAL', {}, { cause: new Error(`agent file outside its home: ${file.path}`) });
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, file.content, { mode: 0o600, flag: 'wx' });
  }
  return directory;
}

async function writeEtc(directory: string, input: SandboxInput): Promise<void> {
  if (input.promptHint.length > MAX_HINT_CHARACTERS) {
    const fields = [{ field: 'promptHint', message: `It has more than ${MAX_HINT_CHARACTERS} characters.` }];
    throw new AileronError('INVALID_ARGUMENT', { fields });
  }
  const files: Record<string, string> = {
    ...etcFiles(),
    'ca-certificates.crt': await trustBundle(input.runtimeDirectory),
    'actions.json': input.contents.actionsJson,
    'tools.txt': input.contents.toolsText,
    'prompt-hint.txt': `${input.promptHint}\n`,
  };
  await mkdir(directory);
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content, { mode: 0o644 });
}
