import { PrismaPg } from '@prisma/adapter-pg';
import { Pool, type PoolConfig } from 'pg';
import { toDatabaseError } from '../database-error.js';
import { Prisma, PrismaClient } from '../generated/mgmt/client.js';
import { MGMT_OWNER } from '../owner.js';

export { connectSession, type SessionConnection } from '../session-connection.js';
export { Prisma };
export type * from '../generated/mgmt/models.js';

export interface MgmtPrismaOptions {
  /** Connection string of the role `aileron_mgmt`; `?host=/folder` names a Unix socket. */
  readonly url: string;
  readonly maxConnections?: number;
  /** A statement that takes longer is ended by the server. */
  readonly statementTimeoutMs?: number;
}

/**
 * The Prisma client of the management plane's schema. It connects when first used. An unreachable database is a
 * DATABASE_UNAVAILABLE; connections that died are replaced, so the next call works once the server is back.
 */
export function createMgmtPrisma(options: MgmtPrismaOptions) {
  return prismaOver(new PrismaPg(poolConfig(options), { schema: MGMT_OWNER.schema }));
}

/** A statement as `pg` takes it: bytes travel as they are. `name`: the server keeps its plan. */
export interface BulkStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | Uint8Array)[];
}

export interface MgmtDatabaseClient {
  readonly prisma: MgmtPrisma;
  /**
   * Runs one statement past Prisma, on a connection of the same pool, with the same errors: for the few that carry
   * thousands of rows. Returns the number of rows that it changed.
   */
  executeBulk(statement: BulkStatement): Promise<number>;
}

/** The Prisma client with a way past it. `$disconnect` ends both. */
export function createMgmtDatabase(options: MgmtPrismaOptions): MgmtDatabaseClient {
  const pool = new Pool(poolConfig(options));
  // A connection that dies while nobody uses it is replaced.
  pool.on('error', () => undefined);
  const adapter = new PrismaPg(pool, { schema: MGMT_OWNER.schema, disposeExternalPool: true });
  return {
    prisma: prismaOver(adapter),
    executeBulk: async ({ name, text, values }) => {
      try {
        return (await pool.query({ name, text, values: [...values] })).rowCount ?? 0;
      } catch (error) {
        throw toDatabaseError(error);
      }
    },
  };
}

function poolConfig(options: MgmtPrismaOptions): PoolConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 10_000;
  return {
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    query_timeout: statementTimeoutMs + 1_000,
    application_name: 'aileron-mgmt-plane',
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

export type MgmtPrisma = ReturnType<typeof createMgmtPrisma>;
/** What a repository may use inside a transaction. */
export type MgmtTransaction = Parameters<Parameters<MgmtPrisma['$transaction']>[0]>[0];

/** Runs `work` in one transaction, with the same errors as a single call. Nothing slow belongs inside. */
export async function inTransaction<T>(
  prisma: MgmtPrisma,
  work: (transaction: MgmtTransaction) => Promise<T>,
): Promise<T> {
  try {
    return await prisma.$transaction(work);
  } catch (error) {
    throw toDatabaseError(error);
  }
}
