import { StoredVerifyingKey } from '@aileron/vault';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { request } from './request.js';

const Me = z.object({
  tenantId: z.string(),
  userId: z.string(),
  name: z.string(),
  version: z.string(),
  /** Whether approvals can be decided here. */
  decides: z.boolean(),
  workspaces: z.boolean(),
  auditKeys: z.array(StoredVerifyingKey),
  /** Keys that credential-service is believed by; none where vaults are not unlocked in a browser. */
  serviceKeys: z.array(StoredVerifyingKey).default([]),
});
export type Me = z.output<typeof Me>;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => request('/api/me', Me, { signal }),
  staleTime: Infinity,
});
