import { Readable } from 'node:stream';
import { RequireLocalToken } from '@aileron/auth';
import { type ListAuditStreamsResponse, QueryAuditQuery, type QueryAuditResponse } from '@aileron/contracts/rest';
import { ZodQuery } from '@aileron/service-host';
import { Controller, Get, Inject, StreamableFile } from '@nestjs/common';
import { z } from 'zod';
import { IdentityService } from '../identity/identity.service.js';
import { readCursor } from './audit-cursor.js';
import { AuditService } from './audit.service.js';

const ExportQuery = z.strictObject({ streamId: z.string().regex(/^[0-9A-Za-z_-]{1,64}$/) });

@Controller('v1/audit')
export class AuditHttp {
  constructor(
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(IdentityService) private readonly identity: IdentityService,
  ) {}

  @Get()
  @RequireLocalToken()
  async query(@ZodQuery(QueryAuditQuery) query: z.infer<typeof QueryAuditQuery>): Promise<QueryAuditResponse> {
    const { since, until, after, ...filter } = query;
    const { lines, next } = await this.audit.query({
      ...filter,
      tenantId: this.identity.localCaller.tenantId,
      since: since === undefined ? undefined : new Date(since),
      until: until === undefined ? undefined : new Date(until),
      after: after === undefined ? undefined : readCursor(after),
    });
    return { records: lines.map((line): unknown => JSON.parse(Buffer.from(line).toString('utf8'))), next };
  }

  @Get('export')
  @RequireLocalToken()
  async export(@ZodQuery(ExportQuery) { streamId }: z.infer<typeof ExportQuery>): Promise<StreamableFile> {
    const chunks = this.audit.exportStream({ tenantId: this.identity.localCaller.tenantId, streamId });
    // The first page is read before the answer begins, so that an unknown stream is a 404.
    const first = await chunks.next();
    const body = Readable.from(rest(first.value as Uint8Array, chunks), { objectMode: false });
    return new StreamableFile(body, { type: 'application/x-ndjson' });
  }

  @Get('streams')
  @RequireLocalToken()
  async streams(): Promise<ListAuditStreamsResponse> {
    return { streams: await this.audit.listStreams(this.identity.localCaller.tenantId) };
  }
}

async function* rest(first: Uint8Array, chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* chunks;
}
