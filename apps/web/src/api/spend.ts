import { AuditRecord } from '@aileron/audit';
import { QueryAuditResponse } from '@aileron/contracts/rest';
import { queryOptions } from '@tanstack/react-query';
import { type SessionSpend, spendOf } from '../spend/spend-of.js';
import { request, withQuery } from './request.js';

const PAGE = 500;
const MOST_PAGES = 20;

export interface Spend {
  readonly sessions: readonly SessionSpend[];
  /** There are records older than those that were read. */
  readonly partial: boolean;
}

/** From the audit, newest first, as far as it is read here. */
export const spendQuery = queryOptions({
  queryKey: ['spend'],
  queryFn: async ({ signal }): Promise<Spend> => {
    const records: AuditRecord[] = [];
    let after: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const path = withQuery('/api/mgmt/v1/audit', { kind: 'outcome', after, limit: PAGE });
      const answer = await request(path, QueryAuditResponse, { signal });
      records.push(...answer.records.flatMap((record) => AuditRecord.safeParse(record).data ?? []));
      if (answer.next === null) return { sessions: spendOf(records), partial: false };
      after = answer.next;
    }
    return { sessions: spendOf(records), partial: true };
  },
  refetchInterval: 30_000,
});
