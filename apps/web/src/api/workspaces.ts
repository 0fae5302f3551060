import type {
  CreateWorkspaceRequest,
  RestartableComponent,
  UpdateWorkspaceRequest,
  WorkspaceView,
} from '@aileron/contracts/workspace';
import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { workspaces } from './workspace-client.js';

/** Streams tell at once what changes; this is for when they cannot be had. */
const LOOK_MS = 15_000;
const MOST_PAGES = 25;

export const WORKSPACES_KEY = ['workspaces'] as const;
export const workspaceKey = (workspaceId: string) => ['workspace', workspaceId] as const;

/** All of them, newest first. */
export const workspacesQuery = queryOptions({
  queryKey: WORKSPACES_KEY,
  queryFn: async ({ signal }): Promise<readonly WorkspaceView[]> => {
    const all: WorkspaceView[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = { limit: 200, ...(cursor !== undefined && { cursor }) };
      const answer = await workspaces.listWorkspaces({ query, signal });
      all.push(...answer.workspaces);
      if (answer.nextCursor === null) break;
      cursor = answer.nextCursor;
    }
    return all;
  },
  refetchInterval: LOOK_MS,
});

export const workspaceQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: workspaceKey(workspaceId),
    queryFn: ({ signal }) => workspaces.getWorkspace({ params: { workspaceId }, signal }),
    refetchInterval: LOOK_MS,
  });

export const createWorkspace = (body: z.input<typeof CreateWorkspaceRequest>): Promise<WorkspaceView> =>
  workspaces.createWorkspace({ body });

export const updateWorkspace = (workspaceId: string, body: UpdateWorkspaceRequest): Promise<WorkspaceView> =>
  workspaces.updateWorkspace({ params: { workspaceId }, body });

export type WorkspaceIntent = 'start' | 'stop' | 'restart';

export function sendIntent(workspaceId: string, intent: WorkspaceIntent): Promise<WorkspaceView> {
  const input = { params: { workspaceId } };
  switch (intent) {
    case 'start':
      return workspaces.startWorkspace(input);
    case 'stop':
      return workspaces.stopWorkspace(input);
    case 'restart':
      return workspaces.restartWorkspace(input);
  }
}

export const restartComponent = (workspaceId: string, component: RestartableComponent): Promise<WorkspaceView> =>
  workspaces.restartComponent({ params: { workspaceId, component } });

export const deleteWorkspace = (workspaceId: string, force: boolean): Promise<WorkspaceView> =>
  workspaces.deleteWorkspace({ params: { workspaceId }, query: { force } });

export const statsQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['stats', workspaceId],
    queryFn: ({ signal }) => workspaces.getWorkspaceStats({ params: { workspaceId }, signal }),
    refetchInterval: 5_000,
  });

export const firewallQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['firewall', workspaceId],
    queryFn: ({ signal }) => workspaces.getFirewall({ params: { workspaceId }, signal }),
  });

export const blockedQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['blocked', workspaceId],
    queryFn: ({ signal }) => workspaces.listBlockedRequests({ params: { workspaceId }, signal }),
    refetchInterval: 10_000,
  });

export const provisionersQuery = queryOptions({
  queryKey: ['provisioners'],
  queryFn: ({ signal }) => workspaces.listProvisioners({ signal }),
});

export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: ({ signal }) => workspaces.listTemplates({ signal }),
});
