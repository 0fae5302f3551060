import { type AuditService } from '@aileron/contracts/grpc';
import { type Client } from '@aileron/service-host';
import { type AuditSink } from '../ports/audit-sink.port.js';

/** The audit store of the management plane. */
export class GrpcAuditSink implements AuditSink {
  constructor(private readonly client: Client<typeof AuditService>) {}

  async ship({ signal, lines, ...stream }: Parameters<AuditSink['ship']>[0]): Promise<{ acknowledgedSeq: number }> {
    const { acknowledgedSeq } = await this.client.ship(
      { ...stream, lines: [...lines] },
      { signal, deadlineMs: 10_000 },
    );
    return { acknowledgedSeq: Number(acknowledgedSeq) };
  }
}
