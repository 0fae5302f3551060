import type { DescService } from '@bufbuild/protobuf';
import type { DynamicModule, INestApplicationContext, InjectionToken, Type } from '@nestjs/common';
import type { Logger, Metrics } from '@aileron/telemetry';
import type { z } from 'zod';
import type { HttpOptions } from './http-server.js';

/** Milliseconds since the epoch, injected so that a test need not wait. */
export interface Clock {
  now(): number;
}

/** What every service is given. */
export interface Platform {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

export interface GrpcProvider {
  readonly service: DescService;
  /** Of the Nest context: an implementation of the service. */
  readonly provider: InjectionToken;
}

/** A deployable, as a value: the one export of an app. */
export interface ServiceDefinition<C = unknown> {
  readonly name: string;
  readonly version: string;
  readonly config: z.ZodType<C>;
  /** The root module of this service's own Nest context. Clients of `needs` are provided globally, by `clientToken`. */
  module(input: { readonly config: C; readonly platform: Platform }): DynamicModule | Type;
  readonly grpc?: readonly GrpcProvider[];
  /** Null: no REST. */
  http?(config: C): HttpOptions | null;
  /** Whether it can do its work now, beyond being started: asked by load balancers. Default: yes. */
  ready?(context: INestApplicationContext): boolean | Promise<boolean>;
  /** Told first when the service closes: ends streams to browsers, which no request in flight may wait for. */
  closing?(context: INestApplicationContext): void;
  /** Services of other parts that this one calls. */
  readonly needs?: readonly DescService[];
}

/** The injection token of the client of a needed service. */
export const clientToken = (service: DescService): string => `client:${service.typeName}`;
/** The injection tokens of the platform. */
export const PLATFORM = Symbol('platform');
export const LOGGER = Symbol('logger');
export const CLOCK = Symbol('clock');
