import { createWorkspaceClient, type WorkspaceClient } from '@aileron/contracts/workspace-client';
import { localFetch, problemError } from '@aileron/egress';
import { AileronError } from '@aileron/errors';
import type { ServiceFile } from '../home/service-file.js';

/** The REST API of the home's workspace-manager. @throws AileronError SERVICE_NOT_RUNNING where none runs */
export function workspaceApi({ workspaces }: Pick<ServiceFile, 'workspaces'>): WorkspaceClient {
  if (workspaces === null)
    throw new AileronError('SERVICE_NOT_RUNNING', { part: 'workspace-manager', start: 'aileron up' });
  return createWorkspaceClient({
    baseUrl: workspaces,
    fetch: localFetch,
    refusal: (problem) => problemError(JSON.stringify(problem), problem.status),
  });
}
