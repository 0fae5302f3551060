import { WorkspaceId, type WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { AileronError } from '@aileron/errors';

/** Of a search for a name: more that only contain it are not looked through. */
const MOST_PAGES = 20;

/** The workspace that a person means, by its id or its name. @throws AileronError NOT_FOUND, CONFLICT when a name is of several */
export async function findWorkspace(client: WorkspaceClient, idOrName: string): Promise<WorkspaceView> {
  if (WorkspaceId.safeParse(idOrName).success) return client.getWorkspace({ params: { workspaceId: idOrName } });
  const named: WorkspaceView[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { search: idOrName.slice(0, 63), limit: 200, ...(cursor !== null && { cursor }) };
    const answer = await client.listWorkspaces({ query });
    named.push(...answer.workspaces.filter(({ name }) => name === idOrName));
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  const [found, other] = named;
  if (found === undefined) throw new AileronError('NOT_FOUND', { workspace: idOrName });
  if (other === undefined) return found;
  throw new AileronError('CONFLICT', {
    reason: 'several have this name: use an id',
    ids: named.map((one) => one.workspaceId),
  });
}
