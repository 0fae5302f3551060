import { WorkspaceListChange, type WorkspaceView } from '@aileron/contracts/workspace';
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { meQuery } from '../api/me.js';
import { workspaceKey, WORKSPACES_KEY, workspacesQuery } from '../api/workspaces.js';
import { useChanges } from '../streams/use-changes.js';
import { applyListChange } from './list-change.js';

/** The list, and every change of it as it happens. Once, at the shell: everybody else asks the cache. */
export function useLiveWorkspaces(): void {
  const queries = useQueryClient();
  const shown = useQuery(meQuery).data?.workspaces === true;
  useChanges(shown ? '/api/v1/workspaces/events' : null, WorkspaceListChange, (change) => {
    if (change.type !== 'changed') {
      void queries.invalidateQueries({ queryKey: WORKSPACES_KEY });
      return;
    }
    queries.setQueryData<readonly WorkspaceView[]>(WORKSPACES_KEY, (list) => list && applyListChange(list, change));
    if (change.workspace !== null) queries.setQueryData(workspaceKey(change.workspaceId), change.workspace);
    else void queries.invalidateQueries({ queryKey: workspaceKey(change.workspaceId) });
  });
}

export function useWorkspaces(): UseQueryResult<readonly WorkspaceView[]> {
  const shown = useQuery(meQuery).data?.workspaces === true;
  return useQuery({ ...workspacesQuery, enabled: shown });
}
