import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import type { InstalledAgent, InstallInput } from '../agent-definition.js';
import { runBounded, type CommandResult } from '../bounded-command.js';
import { npmCommand } from '../npm-command.js';
import {
  CLAUDE_CODE_INTEGRITY,
  CLAUDE_CODE_PACKAGE,
  CLAUDE_CODE_VERSION,
  platformPackage,
} from './claude-code.package.js';

const NAME = 'claude-code';
const INSTALL_TIMEOUT_MS = 300_000;
const MARKER = 'aileron-install.json';

/**
 * npm fetches and unpacks; no script of the vendor's runs on the host. Its post-install (`install.cjs`) only links the
 * program of the platform package over a stub, so we start that program where it lies, and it first runs in the sandbox.
 */
export async function installClaudeCode(input: InstallInput): Promise<InstalledAgent> {
  const platform = platformPackage(process);
  if (platform === null) {
    throw unavailable(`Claude Code is not offered here for ${process.platform} ${process.arch}.`);
  }
  const command = join('node_modules', platform, 'claude');
  const directory = join(input.directory, `${NAME}-${CLAUDE_CODE_VERSION}`);
  const installed: InstalledAgent = { name: NAME, version: CLAUDE_CODE_VERSION, directory, command };
  if (await isComplete(installed)) return installed;

  await mkdir(input.directory, { recursive: true, mode: 0o700 });
  const staging = await mkdtemp(join(input.directory, `.${NAME}-`));
  try {
    await fetchInto(staging, input);
    await checkIntegrity(staging, platform);
    await writeFile(join(staging, MARKER), JSON.stringify({ name: NAME, version: CLAUDE_CODE_VERSION, command }));
    await publish(staging, installed);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return installed;
}

async function fetchInto(staging: string, input: InstallInput): Promise<void> {
  input.onProgress?.(`installing ${CLAUDE_CODE_PACKAGE} ${CLAUDE_CODE_VERSION} with npm (once)`);
  const npm = await npmCommand(process.execPath);
  const options = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--include=optional',
    '--loglevel=error',
  ];
  const result = await runBounded({
    command: npm.command,
    args: [...npm.prefix, 'install', '--prefix', staging, ...options, `${CLAUDE_CODE_PACKAGE}@${CLAUDE_CODE_VERSION}`],
    cwd: staging,
    signal: input.signal,
    timeoutMs: INSTALL_TIMEOUT_MS,
    onLine: input.onProgress,
    environment: input.environment,
  });
  refuseFailure(result);
}

function refuseFailure(result: CommandResult): void {
  switch (result.status) {
    case 'not-found':
      throw unavailable('npm is missing. Install Node.js with npm.');
    case 'timed-out':
      throw unavailable(`npm did not finish within ${INSTALL_TIMEOUT_MS / 1_000} seconds.`, result.output);
    case 'aborted':
      throw new AileronError('CANCELLED', { agent: NAME });
    case 'exited':
      if (result.code !== 0) throw unavailable(`npm install failed: ${errorLines(result.output)}`, result.output);
  }
}

/** npm's own record of what it unpacked, against the digests we know. */
async function checkIntegrity(staging: string, platform: string): Promise<void> {
  const lock: unknown = JSON.parse(await readFile(join(staging, 'node_modules', '.package-lock.json'), 'utf8'));
  const packages = (lock as { packages?: Record<string, { integrity?: string }> }).packages ?? {};
  const allowed = [CLAUDE_CODE_PACKAGE, platform];
  for (const path of Object.keys(packages)) {
    const name = path.slice('node_modules/'.length);
    if (!allowed.includes(name))
      throw unavailable(`npm installed a package that is not expected: ${name.slice(0, 100)}`);
  }
  for (const name of allowed) {
    if (packages[`node_modules/${name}`]?.integrity !== CLAUDE_CODE_INTEGRITY[name]) {
      throw unavailable(`The npm registry gave another ${name} ${CLAUDE_CODE_VERSION} than the one Aileron knows.`);
    }
  }
}

/** The rename makes it whole at once; when another process was faster, its result is as good. */
async function publish(staging: string, installed: InstalledAgent): Promise<void> {
  try {
    await rename(staging, installed.directory);
  } catch (error) {
    if (await isComplete(installed)) return;
    // What is there is a torso of an earlier version of ours; it is not in use, for nothing complete was ever there.
    await rm(installed.directory, { recursive: true, force: true });
    await rename(staging, installed.directory).catch(() => {
      throw unavailable(`${installed.directory} cannot be written.`, error);
    });
  }
}

async function isComplete(installed: InstalledAgent): Promise<boolean> {
  try {
    await access(join(installed.directory, MARKER), constants.R_OK);
    await access(join(installed.directory, installed.command), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function unavailable(reason: string, cause?: unknown): AileronError {
  return new AileronError('AGENT_UNAVAILABLE', { agent: NAME, version: CLAUDE_CODE_VERSION, reason }, { cause });
}

/** npm says the code and the cause first, then what a person could read. */
function errorLines(output: string): string {
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!)\s?/, '').trim());
  return lines
    .filter((line) => line !== '')
    .slice(0, 5)
    .join('; ')
    .slice(0, 600);
}
