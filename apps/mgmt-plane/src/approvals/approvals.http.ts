import { RequireLocalToken } from '@aileron/auth';
import {
  ApprovalId,
  type ApprovalView,
  DecideApprovalRequest,
  ListApprovalsQuery,
  type ListApprovalsResponse,
} from '@aileron/contracts/rest';
import { ZodBody, ZodParam, ZodQuery } from '@aileron/service-host';
import { Controller, Get, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { z } from 'zod';
import { callerGone, type Reply } from '../caller-gone.js';
import { IdentityService } from '../identity/identity.service.js';
import { approvalView } from './approval-view.js';
import { ApprovalsService } from './approvals.service.js';

@Controller('v1/approvals')
export class ApprovalsHttp {
  constructor(
    @Inject(ApprovalsService) private readonly approvals: ApprovalsService,
    @Inject(IdentityService) private readonly identity: IdentityService,
  ) {}

  @Get()
  @RequireLocalToken()
  async list(
    @ZodQuery(ListApprovalsQuery) query: z.infer<typeof ListApprovalsQuery>,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ListApprovalsResponse> {
    const { tenantId } = this.identity.localCaller;
    const input = { tenantId, ...query, signal: callerGone(reply) };
    return { approvals: (await this.approvals.waitForAny(input)).map(approvalView) };
  }

  @Get(':approvalId')
  @RequireLocalToken()
  async get(@ZodParam('approvalId', ApprovalId) approvalId: ApprovalId): Promise<ApprovalView> {
    return approvalView(await this.approvals.get(this.#key(approvalId)));
  }

  @Post(':approvalId/decision')
  @HttpCode(200)
  @RequireLocalToken()
  async decide(
    @ZodParam('approvalId', ApprovalId) approvalId: ApprovalId,
    @ZodBody(DecideApprovalRequest) { envelope }: z.infer<typeof DecideApprovalRequest>,
  ): Promise<ApprovalView> {
    return approvalView(await this.approvals.decide(this.#key(approvalId), envelope));
  }

  #key(approvalId: ApprovalId) {
    return { tenantId: this.identity.localCaller.tenantId, approvalId };
  }
}
