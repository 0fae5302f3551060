import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity/identity.module.js';
import { AuditGrpc } from './audit.grpc.js';
import { AuditHttp } from './audit.http.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';

@Module({
  imports: [IdentityModule],
  controllers: [AuditHttp],
  providers: [AuditRepository, AuditService, AuditGrpc],
  exports: [AuditService],
})
export class AuditModule {}
