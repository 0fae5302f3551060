import type { SaveFileRequest, SaveFileResponse } from '@aileron/contracts/workspace';
import { queryOptions } from '@tanstack/react-query';
import { workspaces } from './workspace-client.js';

export const filesKey = (workspaceId: string, path: string) => ['files', workspaceId, path] as const;
export const fileKey = (workspaceId: string, path: string) => ['file', workspaceId, path] as const;

export const filesQuery = (workspaceId: string, path: string) =>
  queryOptions({
    queryKey: filesKey(workspaceId, path),
    queryFn: ({ signal }) => workspaces.listFiles({ params: { workspaceId }, query: { path }, signal }),
  });

export const fileQuery = (workspaceId: string, path: string) =>
  queryOptions({
    queryKey: fileKey(workspaceId, path),
    queryFn: ({ signal }) => workspaces.readFile({ params: { workspaceId }, query: { path }, signal }),
  });

export const saveFile = (workspaceId: string, body: SaveFileRequest): Promise<SaveFileResponse> =>
  workspaces.saveFile({ params: { workspaceId }, body });

export const gitStatusQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['git-status', workspaceId],
    queryFn: ({ signal }) => workspaces.getGitStatus({ params: { workspaceId }, signal }),
    refetchInterval: 10_000,
  });

export const gitDiffQuery = (workspaceId: string, path: string, staged: boolean) =>
  queryOptions({
    queryKey: ['git-diff', workspaceId, path, staged],
    queryFn: ({ signal }) => workspaces.getGitDiff({ params: { workspaceId }, query: { path, staged }, signal }),
  });
