import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DescService } from '@bufbuild/protobuf';
import { LOCAL_ACCESS, LocalAccessGuard } from '@aileron/auth';
import { AileronError } from '@aileron/errors';
import { fastify } from 'fastify';
import { assertRoutesStated, recordRoutes } from './assert-routes.js';
import { CallMeter } from './call-meter.js';
import { createClient } from './client.js';
import { untilAborted } from './call-signal.js';
import type { HttpOptions } from './http-server.js';
import { InProcessTransport } from './in-process-transport.js';
import type { MethodRegistry } from './method-registry.js';
import { ProblemFilter } from './problem-filter.js';
import type { RunningService, ServiceToRun } from './running-service.js';
import { CLOCK, clientToken, LOGGER, PLATFORM, type Platform } from './service-definition.js';
import { ServiceGate } from './service-gate.js';
import type { ServiceImpl } from './service-impl.js';
import { adapterOf, drainHttp, listen, protectedFastify } from './start-http.js';
import type { Transport } from './transport.js';
import { toAileronError } from './wire-error.js';

export interface PreparedService extends RunningService {
  start(): Promise<void>;
  /** Whether it takes calls. */
  readonly isOpen: boolean;
}

export interface PrepareInput extends ServiceToRun {
  readonly platform: Platform;
  readonly registry: MethodRegistry;
  readonly remote: ((service: DescService) => Transport | undefined) | undefined;
}

const START_WITHIN_MS = 60_000;
const READY_WITHIN_MS = 1_000;
const DRAIN_WITHIN_MS = 2_000;
const CLOSE_WITHIN_MS = 10_000;

/** A service with its context made and its methods registered; it works, and is called, once it is started. */
export async function prepareService(input: PrepareInput): Promise<PreparedService> {
  const { definition, platform } = input;
  const { name, version } = definition;
  const config = parseConfig(input);
  const http = definition.http?.(config) ?? null;
  const gate = new ServiceGate(name);
  const server = http === null ? fastify() : protectedFastify(http);
  const routes = recordRoutes(server);
  const app = await NestFactory.create<NestFastifyApplication>(
    rootModule(input, config, http),
    adapterOf(server),
    nestOptions,
  );
  app.useGlobalFilters(new ProblemFilter(platform.logger));
  if (http !== null) app.useGlobalGuards(app.get(LocalAccessGuard));
  registerMethods(app, input, gate);
  let url: string | undefined;
  const start = async (): Promise<void> => {
    await app.init();
    assertRoutesStated(app, routes);
    if (http !== null) url = await listen(app, http);
    gate.open();
    platform.logger.info({ version, ...(url === undefined ? {} : { url }) }, 'service.started');
  };
  return {
    name,
    context: app,
    get url() {
      return url;
    },
    get isOpen() {
      return gate.isOpen;
    },
    isReady: async () => gate.isOpen && (await saysReady(definition, app)),
    start: () =>
      untilAborted(start(), AbortSignal.timeout(START_WITHIN_MS)).catch((error: unknown) => failed(error, name)),
    close: () => close(app, gate, input),
  };
}

function registerMethods(app: NestFastifyApplication, input: PrepareInput, gate: ServiceGate): void {
  const { definition, platform, registry } = input;
  if (definition.grpc === undefined) return;
  const meter = new CallMeter(platform.metrics, platform.logger);
  const part = { version: definition.version, logger: platform.logger, gate, meter };
  for (const { service, provider } of definition.grpc) {
    registry.add(service, app.get<ServiceImpl<typeof service>>(provider, { strict: false }), part);
  }
}

const saysReady = ({ ready }: ServiceToRun['definition'], app: NestFastifyApplication): Promise<boolean> =>
  untilAborted(
    Promise.resolve().then(() => ready?.(app) ?? true),
    AbortSignal.timeout(READY_WITHIN_MS),
  ).catch(() => false);

/** Refuses new work, lets what runs end, then takes the context down; each for a bounded time. */
async function close(app: NestFastifyApplication, gate: ServiceGate, input: PrepareInput): Promise<void> {
  const { logger } = input.platform;
  input.definition.closing?.(app);
  await Promise.all([gate.close(DRAIN_WITHIN_MS), drainHttp(app, DRAIN_WITHIN_MS)]);
  try {
    await untilAborted(app.close(), AbortSignal.timeout(CLOSE_WITHIN_MS));
    logger.info('service.closed');
  } catch (error) {
    logger.error({ err: error }, 'service.close-failed');
  }
}

function failed(error: unknown, service: string): never {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    throw new AileronError('DEADLINE_EXCEEDED', { service }, { cause: error });
  throw toAileronError(error);
}

function parseConfig({ definition, config }: PrepareInput): never {
  const parsed = definition.config.safeParse(config);
  if (parsed.success) return parsed.data;
  const { fields } = toAileronError(parsed.error);
  throw new AileronError('CONFIG_INVALID', { service: definition.name, fields }, { cause: parsed.error });
}

/** Nest's own body parsers would take forms beside JSON. */
const nestOptions = { logger: false, abortOnError: false, bodyParser: false } as const;

class ServiceRoot {}
Module({})(ServiceRoot);

function rootModule(
  { definition, platform, registry, remote }: PrepareInput,
  config: never,
  http: HttpOptions | null,
): DynamicModule {
  const { name, version } = definition;
  const local = new InProcessTransport(registry, { version, logger: platform.logger, peer: name });
  const clients = (definition.needs ?? []).map((service) => ({
    provide: clientToken(service),
    useValue: createClient(service, remote?.(service) ?? local, { version }),
  }));
  const provided = [
    { provide: PLATFORM, useValue: platform },
    { provide: LOGGER, useValue: platform.logger },
    { provide: CLOCK, useValue: platform.clock },
    ...clients,
  ];
  const access = http === null ? [] : [LocalAccessGuard, { provide: LOCAL_ACCESS, useValue: http.access }];
  return {
    module: ServiceRoot,
    global: true,
    imports: [DiscoveryModule, definition.module({ config, platform })],
    providers: [...provided, ...access],
    exports: provided.map(({ provide }) => provide),
  };
}
