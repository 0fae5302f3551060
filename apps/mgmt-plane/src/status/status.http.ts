import { Public, RequireLocalToken } from '@aileron/auth';
import type { Health, ServiceStatus } from '@aileron/contracts/rest';
import { Controller, Get, HttpStatus, Inject, Res } from '@nestjs/common';
import { IdentityRepository } from '../identity/identity.repository.js';
import { StatusService } from './status.service.js';

interface StatusReply {
  status(code: number): unknown;
}

@Controller()
export class StatusHttp {
  constructor(
    @Inject(StatusService) private readonly status: StatusService,
    @Inject(IdentityRepository) private readonly identities: IdentityRepository,
  ) {}

  @Get('v1/status')
  @RequireLocalToken()
  read(): Promise<ServiceStatus> {
    return this.status.read();
  }

  /** 503 when the database does not answer, so that a load balancer looks elsewhere. */
  @Get('health')
  @Public()
  async health(@Res({ passthrough: true }) reply: StatusReply): Promise<Health> {
    const reachable = await this.identities.ping().then(
      () => true,
      () => false,
    );
    if (reachable) return { status: 'ok', service: 'ok', database: 'ok' };
    reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'degraded', service: 'ok', database: 'unreachable' };
  }
}
