import { ListSessionsResponse } from '@aileron/contracts/rest';
import { queryOptions } from '@tanstack/react-query';
import { request, send } from './request.js';

const PATH = '/api/mgmt/v1/sessions';

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => request(`${PATH}?limit=200`, ListSessionsResponse, { signal }),
  refetchInterval: 5_000,
});

export const endSession = async (sessionId: string): Promise<void> =>
  void (await send(`${PATH}/${encodeURIComponent(sessionId)}`, { method: 'DELETE' }));
