import type { AuditService as AuditContract } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import type { ServiceImpl } from '@aileron/service-host';
import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from './audit.service.js';

type Methods = ServiceImpl<typeof AuditContract>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

const MOST_RECORDS = 1_000;

@Injectable()
export class AuditGrpc implements Methods {
  constructor(@Inject(AuditService) private readonly audit: AuditService) {}

  async ship({ tenantId, streamId, lines }: Request<'ship'>) {
    return { acknowledgedSeq: BigInt(await this.audit.ship({ tenantId, streamId, lines })) };
  }

  async queryBySession({ tenantId, sessionId, limit }: Request<'queryBySession'>) {
    if (limit < 1 || limit > MOST_RECORDS || sessionId === '') {
      throw new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'limit', message: 'must be 1 to 1000' }] });
    }
    const { lines } = await this.audit.query({ tenantId, sessionId, limit });
    return { lines };
  }
}
