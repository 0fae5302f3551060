import type { OpenTerminalRequest, TerminalView } from '@aileron/contracts/workspace';
import { queryOptions } from '@tanstack/react-query';
import { workspaces } from './workspace-client.js';

export const terminalsKey = (workspaceId: string) => ['terminals', workspaceId] as const;

export const terminalsQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: terminalsKey(workspaceId),
    queryFn: ({ signal }) => workspaces.listTerminals({ params: { workspaceId }, signal }),
    refetchInterval: 10_000,
  });

export const openTerminal = (workspaceId: string, body: OpenTerminalRequest): Promise<TerminalView> =>
  workspaces.openTerminal({ params: { workspaceId }, body });

export const closeTerminal = (workspaceId: string, terminalId: string): Promise<void> =>
  workspaces.closeTerminal({ params: { workspaceId, terminalId } });
