import { ApprovalService, AuditService, DataPlaneService, DecryptService } from '@aileron/contracts/grpc';
import { SystemResolver } from '@aileron/egress';
import { type Client, clientToken, type Platform } from '@aileron/service-host';
import { type DynamicModule, Inject, Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { GrpcApprovals } from './adapters/grpc-approvals.js';
import { GrpcAuthorityStore } from './adapters/grpc-authority-store.js';
import { GrpcAuditSink } from './adapters/grpc-audit-sink.js';
import { GrpcCredentials } from './adapters/grpc-credentials.js';
import { GrpcDataPlane } from './adapters/grpc-data-plane.js';
import { GrpcOwnRecords } from './adapters/grpc-own-records.js';
import { type ProxyConfig } from './config.js';
import { ProxyRuntime } from './proxy.runtime.js';

const needs = [DataPlaneService, ApprovalService, AuditService, DecryptService] as const;

type Clients = readonly [
  Client<typeof DataPlaneService>,
  Client<typeof ApprovalService>,
  Client<typeof AuditService>,
  Client<typeof DecryptService>,
];

/** Stops the proxy with its context. */
@Injectable()
class ProxyLife implements OnModuleDestroy {
  constructor(@Inject(ProxyRuntime) private readonly runtime: ProxyRuntime) {}

  async onModuleDestroy(): Promise<void> {
    await this.runtime.stop();
  }
}

/** The proxy over the ports' adapters. */
@Module({})
export class ProxyModule {
  static readonly needs = needs;

  static with({ config, platform }: { config: ProxyConfig; platform: Platform }): DynamicModule {
    return {
      module: ProxyModule,
      providers: [
        {
          provide: ProxyRuntime,
          useFactory: (...clients: Clients) => startProxy(config, platform, clients),
          inject: needs.map((service) => clientToken(service)),
        },
        ProxyLife,
      ],
    };
  }
}

async function startProxy(config: ProxyConfig, platform: Platform, clients: Clients): Promise<ProxyRuntime> {
  const [dataPlane, approvals, audit, decrypt] = clients;
  const credentials = new GrpcCredentials(decrypt);
  return await ProxyRuntime.start(config, {
    dataPlane: new GrpcDataPlane(dataPlane),
    authorities: new GrpcAuthorityStore(dataPlane, config.proxyId),
    approvals: new GrpcApprovals(approvals),
    auditSink: new GrpcAuditSink(audit),
    ownRecords: new GrpcOwnRecords(approvals, audit),
    credentials,
    sealer: credentials,
    resolver: new SystemResolver(),
    clock: platform.clock,
    logger: platform.logger,
    metrics: platform.metrics,
  });
}
