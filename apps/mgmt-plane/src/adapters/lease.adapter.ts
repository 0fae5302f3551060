import type { LeaseService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import type { Client } from '@aileron/service-host';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { LeasePort, SessionKey } from '../ports/lease.port.js';

/** Status is asked for lists: a credential-service that is slow must not make them so. */
const STATUS_DEADLINE_MS = 1_000;

/** LeasePort over the gRPC contract. */
export class LeaseAdapter implements LeasePort {
  constructor(private readonly client: Client<typeof LeaseService>) {}

  async serviceKey(signal?: AbortSignal): Promise<Uint8Array> {
    return (await this.client.getServiceKey({}, { ...(signal && { signal }) })).envelope;
  }

  async deliver(input: SessionKey & { sealedLease: Uint8Array; signal?: AbortSignal }): Promise<{ expiresAt: Date }> {
    const { signal, ...request } = input;
    const { expiresAt } = await this.client.deliverLease(request, { ...(signal && { signal }) });
    if (expiresAt === undefined) throw new AileronError('INTERNAL');
    return { expiresAt: timestampDate(expiresAt) };
  }

  async revoke({ tenantId, sessionId }: SessionKey): Promise<void> {
    await this.client.revokeLease({ tenantId, sessionId });
  }

  async isUnlocked({ tenantId, sessionId }: SessionKey): Promise<boolean> {
    const status = await this.client.getLeaseStatus({ tenantId, sessionId }, { deadlineMs: STATUS_DEADLINE_MS });
    return status.unlocked;
  }
}
