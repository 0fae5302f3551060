import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { loadConfig } from '@aileron/config';
import { AileronError } from '@aileron/errors';
import { registerActions } from './commands/actions.command.js';
import { registerApproval } from './commands/approval.command.js';
import { registerAudit } from './commands/audit.command.js';
import { registerCerts } from './commands/certs.command.js';
import { commandContext, type CliSettings, type CommandContext } from './commands/command-context.js';
import { registerDemo } from './commands/demo.command.js';
import { registerLaunch } from './commands/launch.command.js';
import type { Action } from './commands/register.js';
import { registerSecret } from './commands/secret.command.js';
import { registerService } from './commands/service.command.js';
import { registerSession } from './commands/session.command.js';
import { registerStatus } from './commands/status.command.js';
import { registerUp } from './commands/up.command.js';
import { registerVault } from './commands/vault.command.js';
import { CliConfig } from './config.js';
import { Output } from './output/output.js';
import { VERSION } from './version.js';

const EXIT_USAGE = 64;
const COMMANDS = [
  registerDemo,
  registerService,
  registerLaunch,
  registerStatus,
  registerApproval,
  registerAudit,
  registerActions,
  registerSecret,
  registerSession,
  registerVault,
  registerCerts,
  registerUp,
];

/** Runs one command line. Resolves with the exit code; docs/errors.md lists what the codes mean. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('aileron')
    .description(
      'Run AI agents the way you run everything else: identity, policy, approvals, audit and runtime boundaries.',
    )
    .version(VERSION)
    .option('--json', 'print one JSON value')
    .option('--home <folder>', 'the home of the service (default: AILERON_HOME or ~/.aileron)')
    .showHelpAfterError()
    .exitOverride();

  const action = actionOf((code) => (exitCode = code));
  for (const register of COMMANDS) register(program, action);

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  return exitCode;
}

const actionOf =
  (exitWith: (code: number) => void): Action =>
  <Args extends unknown[]>(handler: (context: CommandContext, ...args: Args) => Promise<void>) =>
  async (...args: [...Args, ...unknown[]]) => {
    // Commander adds the command itself behind the declared arguments and options.
    const command = args.at(-1) as Command;
    try {
      const context = commandContext(command, readSettings(), exitWith);
      await handler(context, ...(args.slice(0, -1) as unknown as Args));
    } catch (error) {
      new Output(command.optsWithGlobals<{ json?: boolean }>().json ?? false).error(error);
      exitWith(AileronError.from(error).definition.exit);
    }
  };

function readSettings(): CliSettings {
  const config = loadConfig(CliConfig);
  return {
    homeDirectory: config.AILERON_HOME ?? join(homedir(), '.aileron'),
    agentsDirectory:
      config.AILERON_AGENTS_DIRECTORY ?? join(config.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'aileron', 'agents'),
    passphrase: config.AILERON_PASSPHRASE,
    logLevel: config.AILERON_LOG_LEVEL,
    tracesEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}
