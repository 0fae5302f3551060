import { LOCAL_TENANT_ID } from '@aileron/contracts/rest';
import type { HomeDatabase } from '@aileron/database';
import type { WorkspaceProvisioner } from '@aileron/provisioner';
import { migrateQueueSchema, QUEUE_ROLE } from '@aileron/queue';
import { serviceToRun, type ServiceToRun } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { workspaceManager } from '@aileron/workspace-manager/service';
import { localUser } from '../vault/local-user.js';
import { startQueueBoard, type QueueBoard } from './queue-board.js';

export interface WorkspacePlaneOptions {
  /** Of the REST API. */
  readonly port: number;
  /** Of Bull Board. */
  readonly boardPort: number;
  /** Where jobs are instead of the home's database. */
  readonly redisUrl: string | undefined;
  readonly provisioners: readonly WorkspaceProvisioner[];
  /** What workspaces are made from, as the manager's configuration has it; its own when absent. */
  readonly templates?: readonly unknown[];
}

/** Workspaces, ready to be run beside the other services. */
export interface WorkspacePlane {
  readonly manager: ServiceToRun;
  readonly startBoard: (logger: Logger) => Promise<QueueBoard>;
  readonly provisioners: readonly WorkspaceProvisioner[];
}

/** Makes the queue ready in the home's database, unless a Redis has it. */
export async function prepareWorkspacePlane(
  { port, boardPort, redisUrl, provisioners, templates }: WorkspacePlaneOptions,
  { database, token }: { readonly database: HomeDatabase; readonly token: string },
): Promise<WorkspacePlane> {
  const queue = redisUrl === undefined ? { databaseUrl: await prepareQueue(database) } : { redisUrl };
  const config = {
    databaseUrl: database.workspaceUrl,
    queue,
    port,
    localToken: token,
    tenant: { tenantId: LOCAL_TENANT_ID, name: 'local' },
    user: localUser(),
    provisioners: [...provisioners],
    ...(templates !== undefined && { templates }),
  };
  const startBoard = (logger: Logger): Promise<QueueBoard> =>
    startQueueBoard({ server: queue, port: boardPort, logger });
  return { manager: serviceToRun(workspaceManager, config), startBoard, provisioners };
}

async function prepareQueue({ adminUrl, roleUrl }: HomeDatabase): Promise<string> {
  const url = await roleUrl(QUEUE_ROLE);
  await migrateQueueSchema({ adminUrl });
  return url;
}
