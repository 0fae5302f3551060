import { type LeaseService } from '@aileron/contracts/grpc';
import { type CallContext, type ServiceImpl } from '@aileron/service-host';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Inject, Injectable } from '@nestjs/common';
import { onlyFrom } from '../only-from.js';
import { fieldsOf, SessionFields } from '../request-fields.js';
import { LeasesService } from './leases.service.js';

type Methods = ServiceImpl<typeof LeaseService>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

@Injectable()
export class LeasesGrpc implements Methods {
  constructor(@Inject(LeasesService) private readonly leases: LeasesService) {}

  async getServiceKey(_request: Request<'getServiceKey'>, context: CallContext) {
    onlyFrom('mgmt-plane', context);
    return { envelope: await this.leases.serviceKeyEnvelope() };
  }

  async deliverLease(request: Request<'deliverLease'>, context: CallContext) {
    onlyFrom('mgmt-plane', context);
    const { sealedLease } = request;
    const { signal } = context;
    const lease = await this.leases.deliver({ ...fieldsOf(SessionFields, request), sealedLease, signal });
    return { expiresAt: timestampFromDate(lease.expiresAt) };
  }

  async revokeLease(request: Request<'revokeLease'>, context: CallContext) {
    onlyFrom('mgmt-plane', context);
    this.leases.revoke(fieldsOf(SessionFields, request));
    return {};
  }

  async getLeaseStatus(request: Request<'getLeaseStatus'>, context: CallContext) {
    onlyFrom('mgmt-plane', context);
    const lease = this.leases.status(fieldsOf(SessionFields, request));
    return lease === undefined
      ? { unlocked: false }
      : { unlocked: true, expiresAt: timestampFromDate(lease.expiresAt) };
  }
}
