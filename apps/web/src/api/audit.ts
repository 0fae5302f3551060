import { AuditRecord, linesOf, verifyLines, type AuditVerification } from '@aileron/audit';
import { ListAuditStreamsResponse, QueryAuditResponse } from '@aileron/contracts/rest';
import { importVerifyingKey, type StoredVerifyingKey } from '@aileron/vault';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request, send, withQuery } from './request.js';

const PATH = '/api/mgmt/v1/audit';

export interface AuditFilter {
  readonly sessionId?: string | undefined;
  readonly operation?: string | undefined;
  readonly kind?: string | undefined;
  readonly since?: string | undefined;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  readonly next: string | null;
}

/** Newest first; a line that is no audit record is left out here, and found by the verification. */
export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: async ({ signal, pageParam }): Promise<AuditPage> => {
      const path = withQuery(PATH, { ...filter, after: pageParam ?? undefined, limit: 100 });
      const { records, next } = await request(path, QueryAuditResponse, { signal });
      return { records: records.flatMap((record) => AuditRecord.safeParse(record).data ?? []), next };
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });

export interface StreamVerification extends AuditVerification {
  readonly stream: string;
}

/** Reads every stream whole and verifies it here: the page believes nobody who keeps the records. */
export async function verifyAudit(keys: readonly StoredVerifyingKey[]): Promise<StreamVerification[]> {
  const trusted = await Promise.all(keys.map((key) => importVerifyingKey(key)));
  const { streams } = await request(`${PATH}/streams`, ListAuditStreamsResponse);
  const verified: StreamVerification[] = [];
  for (const { streamId } of streams) {
    const response = await send(withQuery(`${PATH}/export`, { streamId }));
    const lines = linesOf([new Uint8Array(await response.arrayBuffer())]);
    verified.push({ stream: streamId, ...(await verifyLines(lines, { keys: trusted })) });
  }
  return verified;
}

export const exportPath = (streamId: string): string => withQuery(`${PATH}/export`, { streamId });
