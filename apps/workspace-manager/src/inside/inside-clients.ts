import { RuntimeService, TerminalService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { createClient, GrpcTransport, type Client } from '@aileron/service-host';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Provisioners } from '../provisioners/provisioners.js';
import { VERSION } from '../version.js';
import type { WorkspaceRecord } from '../workspaces/workspace-record.js';

const MOST_CONNECTIONS = 512;

export type RuntimeClient = Client<typeof RuntimeService>;
export type TerminalClient = Client<typeof TerminalService>;

/** What runs inside a workspace, by the sockets of its launch. The manager dials; nothing inside calls it. */
@Injectable()
export class InsideClients implements OnApplicationShutdown {
  /** By address, the one used last at the end. */
  readonly #transports = new Map<string, GrpcTransport>();

  constructor(@Inject(Provisioners) private readonly provisioners: Provisioners) {}

  /** @throws AileronError PRECONDITION_FAILED when the workspace does not run */
  runtime(record: WorkspaceRecord): RuntimeClient {
    const transport = this.#reach(this.#endpoints(record).runtime);
    return createClient(RuntimeService, transport, { version: VERSION });
  }

  /** @throws AileronError PRECONDITION_FAILED when the workspace does not run */
  terminal(record: WorkspaceRecord): TerminalClient {
    const transport = this.#reach(this.#endpoints(record).terminal);
    return createClient(TerminalService, transport, { version: VERSION });
  }

  onApplicationShutdown(): void {
    for (const transport of this.#transports.values()) transport.close();
    this.#transports.clear();
  }

  #endpoints(record: WorkspaceRecord): { runtime: string; terminal: string } {
    if (record.state.phase !== 'running') {
      throw new AileronError('PRECONDITION_FAILED', { reason: 'not-running', phase: record.state.phase });
    }
    return this.provisioners.get(record.provisioner).endpointsOf(record.workspaceId, record.containerLaunch);
  }

  #reach(address: string): GrpcTransport {
    const known = this.#transports.get(address);
    const transport = known ?? new GrpcTransport({ address });
    this.#transports.delete(address);
    this.#transports.set(address, transport);
    const [oldest] = this.#transports;
    if (this.#transports.size > MOST_CONNECTIONS && oldest !== undefined) {
      this.#transports.delete(oldest[0]);
      oldest[1].close();
    }
    return transport;
  }
}
