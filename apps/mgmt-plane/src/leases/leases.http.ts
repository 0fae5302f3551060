import { RequireLocalToken } from '@aileron/auth';
import {
  DeliverLeaseRequest,
  type DeliverLeaseResponse,
  type ServiceKeyResponse,
  SessionId,
} from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { ZodBody, ZodParam } from '@aileron/service-host';
import { Controller, Delete, Get, HttpCode, Inject, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdentityService } from '../identity/identity.service.js';
import { LEASE_PORT, type LeasePort, type SessionKey } from '../ports/lease.port.js';
import { SessionsService } from '../sessions/sessions.service.js';

/** Relays sealed leases between a person's device and credential-service. */
@Controller('v1')
export class LeasesHttp {
  constructor(
    @Inject(LEASE_PORT) private readonly leases: LeasePort,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(IdentityService) private readonly identity: IdentityService,
  ) {}

  @Get('credential-service/key')
  @RequireLocalToken()
  async serviceKey(): Promise<z.infer<typeof ServiceKeyResponse>> {
    const envelope = await this.leases.serviceKey();
    return { envelope: JSON.parse(Buffer.from(envelope).toString('utf8')) as unknown };
  }

  @Post('sessions/:sessionId/lease')
  @HttpCode(200)
  @RequireLocalToken()
  async deliver(
    @ZodParam('sessionId', SessionId) sessionId: SessionId,
    @ZodBody(DeliverLeaseRequest) { sealedLeaseBase64 }: DeliverLeaseRequest,
  ): Promise<DeliverLeaseResponse> {
    const session = await this.sessions.getAlive(this.#key(sessionId));
    if (session.state !== 'active') throw new AileronError('PRECONDITION_FAILED', { state: session.state });
    const { tenantId } = session;
    const sealedLease = Buffer.from(sealedLeaseBase64, 'base64');
    const { expiresAt } = await this.leases.deliver({ tenantId, sessionId: session.sessionId, sealedLease });
    await this.sessions.unlocked({ tenantId, sessionId: session.sessionId }, expiresAt);
    return { expiresAt: expiresAt.toISOString() };
  }

  @Delete('sessions/:sessionId/lease')
  @HttpCode(204)
  @RequireLocalToken()
  async revoke(@ZodParam('sessionId', SessionId) sessionId: SessionId): Promise<void> {
    const { tenantId, sessionId: id } = await this.sessions.get(this.#key(sessionId));
    // First, so that what runs is cut even while credential-service does not answer.
    await this.sessions.locked({ tenantId, sessionId: id });
    await this.leases.revoke({ tenantId, sessionId: id });
  }

  #key(sessionId: SessionId): SessionKey {
    return { tenantId: this.identity.localCaller.tenantId, sessionId };
  }
}
