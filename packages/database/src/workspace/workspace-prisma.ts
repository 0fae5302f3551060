import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { toDatabaseError } from '../database-error.js';
import { Prisma, PrismaClient } from '../generated/workspace/client.js';
import { WORKSPACE_OWNER } from '../owner.js';

export { connectSession, type SessionConnection } from '../session-connection.js';
export { Prisma };
export type * from '../generated/workspace/models.js';

export interface WorkspacePrismaOptions {
  /** Connection string of the role `aileron_workspace`; `?host=/folder` names a Unix socket. */
  readonly url: string;
  readonly maxConnections?: number;
  /** A statement that takes longer is ended by the server. */
  readonly statementTimeoutMs?: number;
}

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

/** The Prisma client of workspace-manager's schema, with a way past it. `$disconnect` ends both. */
export function createWorkspaceDatabase(options: WorkspacePrismaOptions): WorkspaceDatabaseClient {
  const statementTimeoutMs = options.statementTimeoutMs ?? 10_000;
  const pool = new Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    query_timeout: statementTimeoutMs + 1_000,
    application_name: 'aileron-workspace-manager',
  });
  // A connection that dies while nobody uses it is replaced.
  pool.on('error', () => undefined);
  return {
    prisma: prismaOver(new PrismaPg(pool, { schema: WORKSPACE_OWNER.schema, disposeExternalPool: true })),
    run: async <Row extends object>({ name, text, values }: WorkspaceStatement) => {
      try {
        return (await pool.query<Row>({ name, text, values: [...values] })).rows;
      } catch (error) {
        throw toDatabaseError(error);
      }
    },
  };
}

function prismaOver(adapter: PrismaPg) {
  const client = new PrismaClient({
    adapter,
    errorFormat: 'minimal',
    transactionOptions: { maxWait: 5_000, timeout: 10_000 },
  });
  return client.$extends({
    name: 'database-errors',
    query: {
      $allOperations: async ({ args, query }): Promise<unknown> => {
        try {
          return await query(args);
        } catch (error) {
          throw toDatabaseError(error);
        }
      },
    },
  });
}

export type WorkspacePrisma = ReturnType<typeof prismaOver>;
/** What a repository may use inside a transaction. */
export type WorkspaceTransaction = Parameters<Parameters<WorkspacePrisma['$transaction']>[0]>[0];

/** Runs `work` in one transaction, with the same errors as a single call. Nothing slow belongs inside. */
export async function inWorkspaceTransaction<T>(
  prisma: WorkspacePrisma,
  work: (transaction: WorkspaceTransaction) => Promise<T>,
): Promise<T> {
  try {
    return await prisma.$transaction(work);
  } catch (error) {
    throw toDatabaseError(error);
  }
}
