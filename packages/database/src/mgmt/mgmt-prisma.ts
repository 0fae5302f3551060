import type { Pool } from 'pg';
import { withDatabaseErrors } from '../database-error.js';
import { Prisma, PrismaClient } from '../generated/mgmt/client.js';
import { MGMT_OWNER } from '../owner.js';
import { DATABASE_ERRORS, prismaOptions } from '../prisma-settings.js';
import { openServicePool, type ServicePoolOptions } from '../service-pool.js';

export { connectSession, type SessionConnection } from '../session-connection.js';
export { Prisma };
export type * from '../generated/mgmt/models.js';

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

/**
 * The Prisma client of the management plane's schema, with a way past it; `options.url` is of the role `aileron_mgmt`.
 * It connects when first used. An unreachable database is a DATABASE_UNAVAILABLE; connections that died are replaced,
 * so the next call works once the server is back. `$disconnect` ends both.
 */
export function createMgmtDatabase(options: ServicePoolOptions): MgmtDatabaseClient {
  const pool = openServicePool(options, 'aileron-mgmt-plane');
  return {
    prisma: prismaOver(pool),
    executeBulk: async ({ name, text, values }) => {
      const { rowCount } = await withDatabaseErrors(() => pool.query({ name, text, values: [...values] }));
      return rowCount ?? 0;
    },
  };
}

const prismaOver = (pool: Pool) => new PrismaClient(prismaOptions(pool, MGMT_OWNER.schema)).$extends(DATABASE_ERRORS);

export type MgmtPrisma = ReturnType<typeof prismaOver>;
/** What a repository may use inside a transaction. */
export type MgmtTransaction = Parameters<Parameters<MgmtPrisma['$transaction']>[0]>[0];

/** Runs `work` in one transaction, with the same errors as a single call. Nothing slow belongs inside. */
export const inTransaction = <T>(prisma: MgmtPrisma, work: (transaction: MgmtTransaction) => Promise<T>): Promise<T> =>
  withDatabaseErrors(() => prisma.$transaction(work));
