import {
  DeliverLeaseResponse,
  ListVaultsResponse,
  ServiceKeyResponse,
  SessionView,
  UserFile,
  VaultFiles,
} from '@aileron/contracts/rest';
import { queryOptions } from '@tanstack/react-query';
import { request } from './request.js';

const PATH = '/api/mgmt/v1';
const part = encodeURIComponent;

export const listVaults = (): Promise<ListVaultsResponse> => request(`${PATH}/vaults`, ListVaultsResponse);
export const readVaultFiles = (vaultId: string): Promise<VaultFiles> =>
  request(`${PATH}/vaults/${part(vaultId)}`, VaultFiles);
export const readUserFile = (userId: string): Promise<UserFile> => request(`${PATH}/users/${part(userId)}`, UserFile);
/** The envelope of the key to which leases are sealed: verify it against a pinned key before use. */
export const readServiceKey = async (): Promise<unknown> =>
  (await request(`${PATH}/credential-service/key`, ServiceKeyResponse)).envelope;

export const deliverLease = (sessionId: string, sealedLeaseBase64: string): Promise<DeliverLeaseResponse> =>
  request(`${PATH}/sessions/${part(sessionId)}/lease`, DeliverLeaseResponse, {
    method: 'POST',
    body: { sealedLeaseBase64 },
  });

export const sessionQuery = (sessionId: string) =>
  queryOptions({
    queryKey: ['session', sessionId],
    queryFn: ({ signal }) => request(`${PATH}/sessions/${part(sessionId)}`, SessionView, { signal }),
    refetchInterval: 5_000,
  });
