import type { INestApplicationContext } from '@nestjs/common';
import type { z } from 'zod';
import type { ServiceDefinition } from './service-definition.js';

/** A definition with the value of its configuration. */
export interface ServiceToRun {
  readonly definition: ServiceDefinition<never>;
  readonly config: unknown;
}

/** A definition with its configuration as a host writes it: defaults left out. Checked here, and again at the start. */
export function serviceToRun<C>(
  definition: ServiceDefinition<C>,
  config: z.input<ServiceDefinition<C>['config']>,
): ServiceToRun {
  return { definition: definition as unknown as ServiceDefinition<never>, config };
}

export interface RunningService {
  readonly name: string;
  readonly context: INestApplicationContext;
  /** Of its REST API, when it has one. */
  readonly url: string | undefined;
  /** Whether it is started and can do its work now; what does not say so within a second cannot. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}
