import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LOCAL_ACCESS, LocalAccessGuard } from '@aileron/auth';
import { AileronError } from '@aileron/errors';
import type { Logger } from '@aileron/telemetry';
import type { z } from 'zod';
import { createClient } from './client.js';
import type { HttpOptions } from './http-server.js';
import { InProcessTransport } from './in-process-transport.js';
import { MethodRegistry } from './method-registry.js';
import { CLOCK, clientToken, LOGGER, PLATFORM, type Platform, type ServiceDefinition } from './service-definition.js';
import type { ServiceImpl } from './service-impl.js';
import { configureHttp, fastifyAdapter, listen } from './start-http.js';
import type { Transport } from './transport.js';

/** A definition with the value of its configuration. */
export interface ServiceToRun {
  readonly definition: ServiceDefinition<never>;
  readonly config: unknown;
}

/** A definition with its configuration as a host writes it: defaults left out. Checked here, and again at the start. */
export function serviceToRun<C>(definition: ServiceDefinition<C>, config: z.input<ServiceDefinition<C>['config']>): ServiceToRun {
  return { definition: definition as unknown as ServiceDefinition<never>, config };
}

export interface RunningService {
  readonly name: string;
  readonly context: INestApplicationContext;
  /** Of its REST API, when it has one. */
  readonly url: string | undefined;
  close(): Promise<void>;
}

export interface RunningServices {
  readonly services: readonly RunningService[];
  readonly registry: MethodRegistry;
  service(name: string): RunningService;
  /** In reverse order of the start. */
  close(): Promise<void>;
}

const CLOSE_WITHIN_MS = 10_000;

/** Runs services in one process: a Nest context each, wired by the gRPC contract in memory. */
export async function runServices(
  toRun: readonly ServiceToRun[],
  input: { readonly platform: (service: string) => Platform },
): Promise<RunningServices> {
  const registry = new MethodRegistry();
  const running: RunningService[] = [];
  const close = async (): Promise<void> => {
    for (const service of [...running].reverse()) await service.close();
  };
  try {
    // All contexts first, so that services may need each other; then what makes them work.
    const prepared = [];
    for (const { definition, config } of toRun) {
      const platform = input.platform(definition.name);
      const transport = new InProcessTransport(registry, { version: definition.version, logger: platform.logger, peer: definition.name });
      prepared.push(await prepare({ definition, config, platform, transport, registry }));
    }
    for (const start of prepared) running.push(await start());
  } catch (error) {
    await close();
    throw error;
  }
  return {
    services: running,
    registry,
    service: (name) => {
      const found = running.find((service) => service.name === name);
      if (!found) throw new AileronError('NOT_FOUND', { service: name });
      return found;
    },
    close,
  };
}

interface PrepareInput {
  readonly definition: ServiceDefinition<never>;
  readonly config: unknown;
  readonly platform: Platform;
  readonly transport: Transport;
  readonly registry: MethodRegistry;
}

async function prepare(i: PrepareInput): Promise<() => Promise<RunningService>> {
  const config = i.definition.config.parse(i.config) as never;
  const http = i.definition.http?.(config) ?? null;
  const root = rootModule(i, config, http);
  const context = http === null ? await NestFactory.createApplicationContext(root, nestOptions) : await createHttp(root, http, i.platform.logger);
  for (const { service, provider } of i.definition.grpc ?? []) {
    i.registry.add(service, context.get<ServiceImpl<typeof service>>(provider, { strict: false }));
  }
  return async () => {
    const url = http === null ? undefined : await listen(context as NestFastifyApplication, http);
    if (http === null) await context.init();
    return { name: i.definition.name, context, url, close: () => within(CLOSE_WITHIN_MS, context.close()) };
  };
}

const nestOptions = { logger: false, abortOnError: false } as const;

async function createHttp(root: DynamicModule, http: HttpOptions, logger: Logger): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(root, fastifyAdapter(http), { ...nestOptions, bodyParser: false });
  configureHttp(app, logger);
  app.useGlobalGuards(app.get(LocalAccessGuard));
  return app;
}

class ServiceRoot {}
Module({})(ServiceRoot);

function rootModule({ definition, platform, transport }: PrepareInput, config: never, http: HttpOptions | null): DynamicModule {
  const clients = (definition.needs ?? []).map((service) => ({
    provide: clientToken(service),
    useValue: createClient(service, transport, { version: definition.version }),
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

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
