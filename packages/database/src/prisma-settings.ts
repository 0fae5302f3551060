import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';
import { withDatabaseErrors } from './database-error.js';

/** Settings of a Prisma client over a service's pool. `$disconnect` ends the pool too. */
export const prismaOptions = (pool: Pool, schema: string) => ({
  adapter: new PrismaPg(pool, { schema, disposeExternalPool: true }),
  errorFormat: 'minimal' as const,
  transactionOptions: { maxWait: 5_000, timeout: 10_000 },
});

/** A client extension: every operation with the errors of withDatabaseErrors. */
export const DATABASE_ERRORS = {
  name: 'database-errors',
  query: {
    $allOperations: <A>({ args, query }: { args: A; query: (args: A) => PromiseLike<unknown> }): Promise<unknown> =>
      withDatabaseErrors(() => query(args)),
  },
};
