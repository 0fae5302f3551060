import type { Pool } from 'pg';
import { withDatabaseErrors } from '../database-error.js';
import { Prisma, PrismaClient } from '../generated/workspace/client.js';
import { WORKSPACE_OWNER } from '../owner.js';
import { DATABASE_ERRORS, prismaOptions } from '../prisma-settings.js';
import { openServicePool, type ServicePoolOptions } from '../service-pool.js';

export { connectSession, type SessionConnection } from '../session-connection.js';
export { Prisma };
export type * from '../generated/workspace/models.js';

/** A statement as `pg` takes it: bytes travel as they are. `name`: the server keeps its plan. */
export interface WorkspaceStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | number | Date | Uint8Array | readonly Uint8Array[] | null)[];
}

export interface WorkspaceDatabaseClient {
  readonly prisma: WorkspacePrisma;
  /** Runs one statement past Prisma, on a connection of the same pool, with the same errors: for entries of streams. */
  run<Row extends object>(statement: WorkspaceStatement): Promise<Row[]>;
}

/**
 * The Prisma client of workspace-manager's schema, with a way past it. `options.url` is of the role
 * `aileron_workspace`. `$disconnect` ends both.
 */
export function createWorkspaceDatabase(options: ServicePoolOptions): WorkspaceDatabaseClient {
  const pool = openServicePool(options, 'aileron-workspace-manager');
  return {
    prisma: prismaOver(pool),
    run: async <Row extends object>({ name, text, values }: WorkspaceStatement) => {
      const { rows } = await withDatabaseErrors(() => pool.query<Row>({ name, text, values: [...values] }));
      return rows;
    },
  };
}

const prismaOver = (pool: Pool) =>
  new PrismaClient(prismaOptions(pool, WORKSPACE_OWNER.schema)).$extends(DATABASE_ERRORS);

export type WorkspacePrisma = ReturnType<typeof prismaOver>;
/** What a repository may use inside a transaction. */
export type WorkspaceTransaction = Parameters<Parameters<WorkspacePrisma['$transaction']>[0]>[0];

/** Runs `work` in one transaction, with the same errors as a single call. Nothing slow belongs inside. */
export const inWorkspaceTransaction = <T>(
  prisma: WorkspacePrisma,
  work: (transaction: WorkspaceTransaction) => Promise<T>,
): Promise<T> => withDatabaseErrors(() => prisma.$transaction(work));
