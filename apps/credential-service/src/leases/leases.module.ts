import { Module } from '@nestjs/common';
import { LeaseRegistry } from './lease-registry.js';
import { LeasesGrpc } from './leases.grpc.js';
import { LeasesService } from './leases.service.js';

@Module({ providers: [LeaseRegistry, LeasesService, LeasesGrpc], exports: [LeaseRegistry] })
export class LeasesModule {}
