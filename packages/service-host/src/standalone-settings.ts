import { parseArgs } from 'node:util';
import { AileronSettings, loadConfig, PlatformSettings } from '@aileron/config';
import { AileronError } from '@aileron/errors';
import { z } from 'zod';

const Settings = z.object({
  ...AileronSettings.pick({
    AILERON_CONFIG: true,
    AILERON_LISTEN: true,
    AILERON_PEERS: true,
    AILERON_TLS_DIRECTORY: true,
    AILERON_OPS_LISTEN: true,
    AILERON_LOG_LEVEL: true,
  }).shape,
  ...PlatformSettings.pick({ OTEL_EXPORTER_OTLP_ENDPOINT: true }).shape,
});

/** What a part that runs alone is told by its environment and its command line. */
export interface StandaloneSettings extends Omit<z.infer<typeof Settings>, 'AILERON_CONFIG'> {
  /** JSON, not looked at yet. */
  readonly config: unknown;
  /** It ends when its standard input does: its parent is gone. */
  readonly endWithStdin: boolean;
}

/** @throws AileronError CONFIG_INVALID */
export function readStandaloneSettings(argv: readonly string[]): StandaloneSettings {
  const { listen, 'end-with-stdin': endWithStdin } = readArguments(argv);
  const { AILERON_CONFIG: config, ...settings } = loadConfig(Settings);
  return {
    ...settings,
    AILERON_LISTEN: listen ?? settings.AILERON_LISTEN,
    config: parseJson(config?.exposeString()),
    endWithStdin: endWithStdin ?? false,
  };
}

function readArguments(argv: readonly string[]) {
  try {
    const options = { listen: { type: 'string' }, 'end-with-stdin': { type: 'boolean' } } as const;
    return parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    const fields = [{ field: 'arguments', message: 'only --listen <address> and --end-with-stdin are known' }];
    throw new AileronError('CONFIG_INVALID', { fields }, { cause });
  }
}

/** The parser's own message would show what it read. */
function parseJson(text: string | undefined): unknown {
  const fields = (message: string) => ({ fields: [{ field: 'AILERON_CONFIG', message }] });
  if (text === undefined)
    throw new AileronError('CONFIG_INVALID', fields('is required; AILERON_CONFIG_FILE names a file'));
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new AileronError('CONFIG_INVALID', fields('is not JSON'));
  }
}
