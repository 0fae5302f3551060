import { type ApprovalState, ApprovalView, ListApprovalsResponse } from '@aileron/contracts/rest';
import type { DsseEnvelope } from '@aileron/vault';
import { queryOptions } from '@tanstack/react-query';
import { request, withQuery } from './request.js';

const PATH = '/api/mgmt/v1/approvals';
const LOOK_MS = 2_000;

export const approvalsQuery = (state: ApprovalState | 'all') =>
  queryOptions({
    queryKey: ['approvals', state],
    queryFn: ({ signal }) =>
      request(withQuery(PATH, { state: state === 'all' ? undefined : state, limit: 200 }), ListApprovalsResponse, {
        signal,
      }),
    refetchInterval: LOOK_MS,
  });

export const approvalQuery = (approvalId: string) =>
  queryOptions({
    queryKey: ['approval', approvalId],
    queryFn: ({ signal }) => request(`${PATH}/${encodeURIComponent(approvalId)}`, ApprovalView, { signal }),
    refetchInterval: LOOK_MS,
  });

export const sendDecision = (approvalId: string, envelope: DsseEnvelope): Promise<ApprovalView> =>
  request(`${PATH}/${encodeURIComponent(approvalId)}/decision`, ApprovalView, { method: 'POST', body: { envelope } });
