import type { Command } from 'commander';
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
  /** The API of this home's running service. @throws AileronError SERVICE_NOT_RUNNING */
  api(): LocalApi;
  /** Ends the program with a code that is not that of an error: an agent's own. */
  exitWith(code: number): void;
}

export interface CliSettings {
  readonly homeDirectory: string;
  readonly agentsDirectory: string;
  readonly passphrase: Secret | undefined;
  readonly logLevel: LogLevel;
  readonly tracesEndpoint: string | undefined;
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
    api: () => new LocalApi(requireService(home)),
    exitWith,
  };
}
