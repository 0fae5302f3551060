import { GrpcServer, type GrpcServerOptions } from './grpc-server.js';
import { runServices, type RunningServices, type RunServicesInput } from './run-services.js';
import type { ServiceToRun } from './running-service.js';

export interface RunServiceInput extends RunServicesInput {
  /** Where its gRPC services listen, when others call them from outside of this process. */
  readonly grpc?: Pick<GrpcServerOptions, 'credentials'> & { readonly address: string };
}

export interface RunningAlone extends RunningServices {
  /** Where its gRPC services listen: with the port, when any free one was asked for. */
  readonly grpcAddress: string | undefined;
}

/** Runs one service alone, as its main.ts does: what it needs is reached over gRPC, and it is. */
export async function runService(service: ServiceToRun, { grpc, ...input }: RunServiceInput): Promise<RunningAlone> {
  const running = await runServices([service], input);
  if (grpc === undefined) return { ...running, grpcAddress: undefined };
  const { name, version } = service.definition;
  const { address, ...credentials } = grpc;
  const server = new GrpcServer(running.registry, { version, logger: input.platform(name).logger, ...credentials });
  let port: number;
  try {
    port = await server.listen(address);
  } catch (error) {
    await running.close();
    throw error;
  }
  return {
    ...running,
    grpcAddress: address.replace(/:0$/, `:${port}`),
    close: async () => {
      await Promise.all([server.close(), running.close()]);
    },
  };
}
