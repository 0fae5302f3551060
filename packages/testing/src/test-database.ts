import { randomBytes } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDatabase,
  createOwnerRole,
  type DatabaseOwner,
  EmbeddedPostgres,
  MGMT_OWNER,
  migrate,
  WORKSPACE_OWNER,
} from '@aileron/database';

const TEMPLATE = 'template_aileron';
const OWNERS: readonly DatabaseOwner[] = [MGMT_OWNER, WORKSPACE_OWNER];

/** A database of a test's own, migrated: a clone of a template on one server of this process. */
export interface TestDatabase {
  /** Connection string of the management plane's role. */
  readonly mgmtUrl: string;
  /** Connection string of the workspace-manager's role. */
  readonly workspaceUrl: string;
  /** Connection string of an administrator to the same database: the attacker who can write SQL. */
  readonly adminUrl: string;
  /** To kill and to start again; every database of this process is on it. */
  readonly server: EmbeddedPostgres;
  /** Deletes it; the last one ends the server. */
  drop(): Promise<void>;
}

let shared: Promise<EmbeddedPostgres> | null = null;
let users = 0;
let queue: Promise<unknown> = Promise.resolve();

/** One after the other: Postgres refuses two copies of one template, or two changes of one role, at the same time. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = queue.then(work);
  queue = result.catch(() => undefined);
  return result;
}

export async function testDatabase(): Promise<TestDatabase> {
  users += 1;
  return inTurn(async () => {
    shared ??= startServer();
    const server = await shared;
    const name = `test_${randomBytes(8).toString('hex')}`;
    await createDatabase({ adminUrl: server.adminUrl(), name, template: TEMPLATE });
    const adminUrl = server.adminUrl(name);
    // The right to connect is not copied from the template.
    for (const owner of OWNERS) await createRole(server, owner, adminUrl);
    const mgmtUrl = await server.url({ role: MGMT_OWNER.role, database: name });
    const workspaceUrl = await server.url({ role: WORKSPACE_OWNER.role, database: name });
    return { mgmtUrl, workspaceUrl, adminUrl, server, drop: () => inTurn(release) };
  });
}

/** What a killed process leaves of it goes with the temporary folder of its run (scripts/test-run). */
async function startServer(): Promise<EmbeddedPostgres> {
  const home = await mkdtemp(join(await realpath(tmpdir()), 'aileron-test-db-'));
  const server = await EmbeddedPostgres.start({ home, durable: false, supervise: false });
  await createDatabase({ adminUrl: server.adminUrl(), name: TEMPLATE });
  const adminUrl = server.adminUrl(TEMPLATE);
  for (const owner of OWNERS) {
    await createRole(server, owner, adminUrl);
    await migrate({ adminUrl, owner });
  }
  return server;
}

const createRole = async (server: EmbeddedPostgres, owner: DatabaseOwner, adminUrl: string): Promise<void> =>
  createOwnerRole({ adminUrl, owner, password: await server.rolePassword(owner.role) });

async function release(): Promise<void> {
  users -= 1;
  if (users > 0 || shared === null) return;
  const server = await shared;
  shared = null;
  await server.destroy();
  await rm(server.home, { recursive: true, force: true });
}
