import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { loadConfig } from '@aileron/config';
import { AileronError } from '@aileron/errors';
import { commandContext, type CliSettings, type CommandContext } from './commands/command-context.js';
import type { Action, Register } from './commands/register.js';
import { CliConfig } from './config.js';
import { Output } from './output/output.js';
import { VERSION } from './version.js';

const EXIT_USAGE = 64;
/** Commands, and what adds them: a program is as quick to start as the one command it runs. */
const COMMANDS: readonly (readonly [names: readonly string[], load: () => Promise<Register>])[] = [
  [['demo'], async () => (await import('./commands/demo.command.js')).registerDemo],
  [['service'], async () => (await import('./commands/service.command.js')).registerService],
  [['launch'], async () => (await import('./commands/launch.command.js')).registerLaunch],
  [['status'], async () => (await import('./commands/status.command.js')).registerStatus],
  [['approval'], async () => (await import('./commands/approval.command.js')).registerApproval],
  [['audit'], async () => (await import('./commands/audit.command.js')).registerAudit],
  [['actions'], async () => (await import('./commands/actions.command.js')).registerActions],
  [['secret'], async () => (await import('./commands/secret.command.js')).registerSecret],
  [['session'], async () => (await import('./commands/session.command.js')).registerSession],
  [['vault'], async () => (await import('./commands/vault.command.js')).registerVault],
  [['certs'], async () => (await import('./commands/certs.command.js')).registerCerts],
  [['up', 'open'], async () => (await import('./commands/up.command.js')).registerUp],
  [['workspace'], async () => (await import('./commands/workspace.command.js')).registerWorkspace],
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
  for (const load of wantedCommands(argv)) (await load())(program, action);

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
  return exitCode;
}

/** Of the command that is named; none for the version, and all of them for help and for a name that is none. */
function wantedCommands(argv: readonly string[]): (() => Promise<Register>)[] {
  const words = argv.filter((word, at) => !word.startsWith('-') && argv[at - 1] !== '--home');
  if (words.length === 0 && argv.some((word) => word === '--version' || word === '-V')) return [];
  const named = COMMANDS.filter(([names]) => names.includes(words[0] ?? ''));
  return (named.length > 0 ? named : COMMANDS).map(([, load]) => load);
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
    redisUrl: config.REDIS_URL,
    dockerHost: config.DOCKER_HOST,
  };
}
