import { AileronError } from '@aileron/errors';
import { createLogger, createMetrics, exportTraces, type Logger } from '@aileron/telemetry';
import { readMutualTls, serverCredentials } from './mutual-tls.js';
import { startOpsServer, type OpsServer } from './ops-server.js';
import { Peers } from './peers.js';
import { runService, type RunningAlone } from './run-service.js';
import { serviceToRun } from './running-service.js';
import type { Platform, ServiceDefinition } from './service-definition.js';
import { readStandaloneSettings, type StandaloneSettings } from './standalone-settings.js';
import { untilToldToStop } from './until-told-to-stop.js';

/** The line of JSON that a part prints on standard output once it is ready; `{ ready: false, service, error }` when it refuses. */
export interface ReadyLine {
  readonly ready: true;
  readonly service: string;
  readonly version: string;
  readonly pid: number;
  /** Addresses; null where it does not listen. */
  readonly grpc: string | null;
  readonly http: string | null;
  readonly ops: string | null;
}

/**
 * The main of an app: one service alone, told by its environment (see AileronSettings) and `--listen`, until a signal.
 * Resolves with the exit code.
 */
export async function runStandalone<C>(
  definition: ServiceDefinition<C>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<number> {
  try {
    const settings = readStandaloneSettings(argv);
    const logger = createLogger({ service: definition.name, level: settings.AILERON_LOG_LEVEL });
    // Before anybody can know of this process: whoever reads the line may send the signal at once.
    const told = untilToldToStop(logger);
    const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
    const endTraces = endpoint === undefined ? undefined : await exportTraces({ endpoint });
    const part = await startPart(definition, { settings, logger });
    process.stdout.write(`${JSON.stringify(part.line)}\n`);
    await Promise.race([told, ...(settings.endWithStdin ? [untilStdinEnds()] : [])]);
    await part.close();
    await endTraces?.();
    return 0;
  } catch (thrown) {
    const { code, message, details, definition: meaning } = AileronError.from(thrown);
    const error = { code, message, action: meaning.action, details };
    process.stdout.write(`${JSON.stringify({ ready: false, service: definition.name, error })}\n`);
    return meaning.exit;
  }
}

interface RunningPart {
  readonly line: ReadyLine;
  close(): Promise<void>;
}

async function startPart<C>(
  definition: ServiceDefinition<C>,
  { settings, logger }: { readonly settings: StandaloneSettings; readonly logger: Logger },
): Promise<RunningPart> {
  const { AILERON_LISTEN: address, AILERON_PEERS: addresses = {}, AILERON_TLS_DIRECTORY: directory } = settings;
  const tls = directory === undefined ? undefined : readMutualTls(directory);
  const platform = platformOf(definition.name, logger);
  const peers = new Peers({ addresses, tls });
  const running = await runService(serviceToRun(definition, settings.config as never), {
    platform: () => platform,
    remote: peers.reach,
    ...(address === undefined ? {} : { grpc: { address, ...(tls && { credentials: serverCredentials(tls) }) } }),
  });
  const ops = await startOps(definition, { running, platform, settings }).catch(async (error: unknown) => {
    await running.close();
    throw error;
  });
  const { name: service, version } = definition;
  const http = running.service(service).url ?? null;
  return {
    line: {
      ready: true,
      service,
      version,
      pid: process.pid,
      grpc: running.grpcAddress ?? null,
      http,
      ops: ops?.url ?? null,
    },
    close: async () => {
      await running.close();
      peers.close();
      await ops?.close();
    },
  };
}

function startOps<C>(
  { name: service, version }: ServiceDefinition<C>,
  input: { readonly running: RunningAlone; readonly platform: Platform; readonly settings: StandaloneSettings },
): Promise<OpsServer | undefined> {
  const { running, platform, settings } = input;
  if (settings.AILERON_OPS_LISTEN === undefined) return Promise.resolve(undefined);
  platform.metrics.observeProcess();
  return startOpsServer(
    {
      service,
      version,
      readiness: async () => ({ [service]: await running.service(service).isReady() }),
      metrics: () => platform.metrics.render(),
    },
    settings.AILERON_OPS_LISTEN,
  );
}

const platformOf = (service: string, logger: Logger): Platform => ({
  logger,
  metrics: createMetrics(service),
  clock: { now: () => Date.now() },
});

const untilStdinEnds = (): Promise<void> =>
  new Promise((resolve) => {
    process.stdin.once('close', resolve).once('end', resolve).once('error', resolve).resume();
    // It is listened to, and keeps nobody: after a signal the process ends with it open.
    if ('unref' in process.stdin) process.stdin.unref();
  });
