import type { DescService } from '@bufbuild/protobuf';
import { AileronError } from '@aileron/errors';
import { MethodRegistry } from './method-registry.js';
import { prepareService, type PreparedService } from './prepare-service.js';
import type { RunningService, ServiceToRun } from './running-service.js';
import type { Platform } from './service-definition.js';
import type { Transport } from './transport.js';

export interface RunningServices {
  readonly services: readonly RunningService[];
  /** Every method that these services answer: for a GrpcServer, or a transport of the host's own. */
  readonly registry: MethodRegistry;
  service(name: string): RunningService;
  /** Whether every service takes calls. */
  isReady(): boolean;
  /** In reverse order of the start. May be called twice. */
  close(): Promise<void>;
}

export interface RunServicesInput {
  readonly platform: (service: string) => Platform;
  /** How to reach a needed service that does not run here; one that does run here is called in memory. */
  readonly remote?: (service: DescService) => Transport | undefined;
}

/**
 * Runs services in one process: a Nest context each, wired by the gRPC contract. All are made before any begins to work,
 * and a call to one that is not ready yet waits for it, so that they may need each other.
 * @throws AileronError CONFIG_INVALID, PORT_IN_USE …; what had started is closed again
 */
export async function runServices(toRun: readonly ServiceToRun[], input: RunServicesInput): Promise<RunningServices> {
  const registry = new MethodRegistry();
  const prepared: PreparedService[] = [];
  const closing = closeOnce(prepared);
  try {
    for (const { definition, config } of toRun) {
      prepared.push(
        await prepareService({
          definition,
          config,
          platform: input.platform(definition.name),
          registry,
          remote: input.remote,
        }),
      );
    }
    const started = await Promise.allSettled(prepared.map((service) => service.start()));
    const failed = started.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  } catch (error) {
    await closing();
    throw error;
  }
  return {
    services: prepared,
    registry,
    service: (name) => {
      const found = prepared.find((service) => service.name === name);
      if (!found) throw new AileronError('NOT_FOUND', { service: name });
      return found;
    },
    isReady: () => prepared.every((service) => service.isOpen),
    close: closing,
  };
}

function closeOnce(services: readonly PreparedService[]): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    for (const service of [...services].reverse()) await service.close();
  };
  return () => (closed ??= close());
}
