import { RequireLocalToken } from '@aileron/auth';
import {
  type ListSessionsResponse,
  ListSessionsQuery,
  SessionId,
  StartSessionRequest,
  type StartSessionResponse,
  type SessionView,
} from '@aileron/contracts/rest';
import { ZodBody, ZodParam, ZodQuery } from '@aileron/service-host';
import { Controller, Delete, Get, Inject, Post } from '@nestjs/common';
import type { z } from 'zod';
import { IdentityService } from '../identity/identity.service.js';
import { sessionView } from './session-view.js';
import { SessionsService } from './sessions.service.js';

@Controller('v1/sessions')
export class SessionsHttp {
  constructor(
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(IdentityService) private readonly identity: IdentityService,
  ) {}

  @Post()
  @RequireLocalToken()
  async start(@ZodBody(StartSessionRequest) request: StartSessionRequest): Promise<StartSessionResponse> {
    const { session, agentToken } = await this.sessions.start(this.identity.localCaller, request);
    const { caCertificatePem, runtimeDirectory } = session;
    return { session: sessionView(session, true), agentToken, caCertificatePem, runtimeDirectory };
  }

  @Get()
  @RequireLocalToken()
  async list(@ZodQuery(ListSessionsQuery) query: z.infer<typeof ListSessionsQuery>): Promise<ListSessionsResponse> {
    const { tenantId } = this.identity.localCaller;
    const sessions = await this.sessions.list({ tenantId, ...query });
    const views = sessions.map(async (session) => sessionView(session, await this.sessions.isLocked(session)));
    return { sessions: await Promise.all(views) };
  }

  @Get(':sessionId')
  @RequireLocalToken()
  async get(@ZodParam('sessionId', SessionId) sessionId: SessionId): Promise<SessionView> {
    const session = await this.sessions.get(this.#key(sessionId));
    return sessionView(session, await this.sessions.isLocked(session));
  }

  @Delete(':sessionId')
  @RequireLocalToken()
  async end(@ZodParam('sessionId', SessionId) sessionId: SessionId): Promise<SessionView> {
    return sessionView(await this.sessions.end(this.#key(sessionId), 'requested'), true);
  }

  #key(sessionId: SessionId) {
    return { tenantId: this.identity.localCaller.tenantId, sessionId };
  }
}
