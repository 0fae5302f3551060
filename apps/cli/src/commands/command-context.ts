import type { Command } from 'commander';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import type { LogLevel } from '@aileron/telemetry';
import type { Secret } from '@aileron/vault';
import { LocalApi } from '../api/local-api.js';
import { Home } from '../home/home.js';
import { requireService } from '../home/service-file.js';
import { Output } from '../output/output.js';

/** What a command needs of its surroundings. */
export interface CommandContext {
  readonly home: Home;
  readonly output: Output;
  readonly passphrase: Secret | undefined;
  readonly agentsDirectory: string;
  readonly logLevel: LogLevel;
  /** Where traces are sent; undefined: none are made. */
  readonly tracesEndpoint: string | undefined;
  /** Where jobs are instead of the home's database. */
  readonly redisUrl: Secret | undefined;
  readonly dockerHost: string;
  /** The API of this home's running service. @throws AileronError SERVICE_NOT_RUNNING */
  api(): LocalApi;
  /** Of its workspace-manager. @throws AileronError SERVICE_NOT_RUNNING */
  workspaces(): Promise<WorkspaceClient>;
  /** Ends the program with a code that is not that of an error: an agent's own. */
  exitWith(code: number): void;
}

export interface CliSettings {
  readonly homeDirectory: string;
  readonly agentsDirectory: string;
  readonly passphrase: Secret | undefined;
  readonly logLevel: LogLevel;
  readonly tracesEndpoint: string | undefined;
  /** Where jobs are instead of the home's database. */
  readonly redisUrl: Secret | undefined;
  readonly dockerHost: string;
}

/** The context of one invocation: global options over settings. */
export function commandContext(
  command: Command,
  settings: CliSettings,
  exitWith: (code: number) => void,
): CommandContext {
  const options = command.optsWithGlobals<{ json?: boolean; home?: string }>();
  const home = new Home(options.home ?? settings.homeDirectory);
  return {
    home,
    output: new Output(options.json ?? false),
    passphrase: settings.passphrase,
    agentsDirectory: settings.agentsDirectory,
    logLevel: settings.logLevel,
    tracesEndpoint: settings.tracesEndpoint,
    redisUrl: settings.redisUrl,
    dockerHost: settings.dockerHost,
    api: () => new LocalApi(requireService(home)),
    workspaces: async () => (await import('../api/workspace-api.js')).workspaceApi(requireService(home)),
    exitWith,
  };
}
