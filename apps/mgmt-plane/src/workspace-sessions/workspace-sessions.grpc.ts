import { SessionState, type WorkspaceSessionService } from '@aileron/contracts/grpc';
import { StartSessionRequest } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import type { CallContext, ServiceImpl } from '@aileron/service-host';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { IdentityService } from '../identity/identity.service.js';
import { parseInput } from '../parse-input.js';
import type { SessionKey } from '../ports/lease.port.js';
import { firewallMessage, firewallOf, readFirewall } from '../sessions/session-firewall.js';
import { UsageRepository, type UsageScope } from './usage.repository.js';
import { WorkspaceSessionsService } from './workspace-sessions.service.js';

type Methods = ServiceImpl<typeof WorkspaceSessionService>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

const CALLER = 'workspace-manager';
const MOST_LISTED = 500;
const LISTED_SPEND = 100;
const STATES = { starting: SessionState.STARTING, active: SessionState.ACTIVE, ended: SessionState.ENDED };

const Wanted = z.object({
  userId: z.string().min(1).max(64),
  agent: StartSessionRequest.shape.agent,
  workspace: z.string().min(1).max(128),
  ttlSeconds: z.int().min(60).max(86_400),
  requestId: z.string().regex(/^[A-Za-z0-9_.:-]{8,128}$/, 'must be 8 to 128 letters, digits, `_`, `-`, `.` or `:`'),
});

@Injectable()
export class WorkspaceSessionsGrpc implements Methods {
  constructor(
    @Inject(WorkspaceSessionsService) private readonly sessions: WorkspaceSessionsService,
    @Inject(UsageRepository) private readonly usage: UsageRepository,
    @Inject(IdentityService) private readonly identity: IdentityService,
  ) {}

  async startSession(request: Request<'startSession'>, context: CallContext) {
    const { tenantId } = this.#ours(request, context);
    const wanted = { ...parseInput(Wanted, request), tenantId, firewall: firewallOf(request.firewall) };
    const { session, agentToken } = await this.sessions.start(wanted, context.signal);
    const { sessionId, caCertificatePem, runtimeDirectory, expiresAt } = session;
    const { connectorHosts } = this.sessions;
    return {
      sessionId,
      agentToken,
      caCertificatePem,
      runtimeDirectory,
      expiresAt: timestampFromDate(expiresAt),
      connectorHosts: [...connectorHosts],
    };
  }

  async endSession(request: Request<'endSession'>, context: CallContext) {
    await this.sessions.end(this.#ours(request, context));
    return {};
  }

  async getSession(request: Request<'getSession'>, context: CallContext) {
    const session = await this.sessions.get(this.#ours(request, context));
    const { sessionId, state, expiresAt, workspace, firewall } = session;
    return {
      sessionId,
      state: STATES[state],
      locked: await this.sessions.isLocked(session),
      expiresAt: timestampFromDate(expiresAt),
      workspace: workspace ?? '',
      ...(firewall !== null && { firewall: firewallMessage(readFirewall(firewall)) }),
      connectorHosts: [...this.sessions.connectorHosts],
    };
  }

  async updateFirewall(request: Request<'updateFirewall'>, context: CallContext) {
    await this.sessions.updateFirewall(this.#ours(request, context), firewallOf(request.firewall));
    return { connectorHosts: [...this.sessions.connectorHosts] };
  }

  async listBlocked(request: Request<'listBlocked'>, context: CallContext) {
    const scope = await this.#scopeOf(request, context);
    // One more: what has no name has a place of its own.
    const rows = await this.usage.listBlocked(scope, limitOf(request.limit, MOST_LISTED) + 1);
    const named = rows.flatMap(({ host, count, lastAt }) => {
      return host === null ? [] : [{ host, count: BigInt(count), lastAt: timestampFromDate(lastAt) }];
    });
    const unnamed = rows.find(({ host }) => host === null)?.count ?? 0;
    return { hosts: named.slice(0, limitOf(request.limit, MOST_LISTED)), unnamed: BigInt(unnamed) };
  }

  async listSpend(request: Request<'listSpend'>, context: CallContext) {
    const scope = await this.#scopeOf(request, context);
    const rows = await this.usage.listSpend(scope, limitOf(request.limit, LISTED_SPEND));
    const sessions = rows.map(({ sessionId, costUsd, lastAt, ...counts }) => ({
      sessionId,
      calls: BigInt(counts.calls),
      inputTokens: BigInt(counts.inputTokens),
      outputTokens: BigInt(counts.outputTokens),
      cacheReadTokens: BigInt(counts.cacheReadTokens),
      cacheWriteTokens: BigInt(counts.cacheWriteTokens),
      costUsd,
      unpricedCalls: BigInt(counts.unpricedCalls),
      lastAt: timestampFromDate(lastAt),
    }));
    return { sessions };
  }

  async #scopeOf(request: Request<'listBlocked'> | Request<'listSpend'>, context: CallContext): Promise<UsageScope> {
    const { tenantId } = this.#ours({ tenantId: request.tenantId, sessionId: '' }, context);
    const { of } = request;
    if (of.case === undefined || of.value.length === 0 || of.value.length > 128) throw invalidField('of');
    if (of.case === 'workspace') return { tenantId, workspace: of.value };
    await this.sessions.get({ tenantId, sessionId: of.value });
    return { tenantId, sessionId: of.value };
  }

  /** The workspace manager of this tenant, and nobody else. PERMISSION_DENIED, NOT_FOUND. */
  #ours({ tenantId, sessionId = '' }: { tenantId: string; sessionId?: string }, { peer }: CallContext): SessionKey {
    if (peer !== CALLER) throw new AileronError('PERMISSION_DENIED', { peer });
    if (tenantId !== this.identity.localCaller.tenantId) throw new AileronError('NOT_FOUND', { part: 'session' });
    return { tenantId, sessionId };
  }
}

function limitOf(limit: number, byDefault: number): number {
  if (limit > MOST_LISTED) throw invalidField('limit');
  return limit === 0 ? byDefault : limit;
}

const invalidField = (field: string) =>
  new AileronError('INVALID_ARGUMENT', { fields: [{ field, message: 'is not valid' }] });
