import { isDatabaseUnavailable } from '@aileron/database';
import type { PgPool, PgPoolClient, PgQueryResult } from 'bullmq';
import { Pool, type PoolClient, type PoolConfig } from 'pg';

/** What BullMQ takes for a lost connection, after which it waits and tries again. */
class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  readonly code = 'ECONNREFUSED';

  constructor(cause: unknown) {
    super('The database does not answer.', { cause });
  }
}

const asUnreachable = (error: unknown): unknown => (isDatabaseUnavailable(error) ? new UnreachableError(error) : error);

/**
 * The pool that BullMQ gets. BullMQ 6.7 knows a lost connection by ECONNREFUSED alone, upon which it waits and tries
 * again. With any other error of a server that is away (no Unix socket, a terminated connection, a time-out) its worker
 * asks for the next job without a pause (7,000 times a second, measured) and forgets to tell that one has completed.
 * Here they all are ECONNREFUSED.
 * `connect` is called for LISTEN clients, one a worker for good: they have a pool of their own.
 */
export class UnreachablePool implements PgPool {
  readonly #queries: Pool;
  readonly #listeners: Pool;
  readonly options: PoolConfig;

  constructor(config: PoolConfig & { max: number }) {
    this.options = config;
    this.#queries = new Pool(config);
    this.#listeners = new Pool({ ...config, max: 100, idleTimeoutMillis: 1_000 });
    for (const pool of [this.#queries, this.#listeners]) {
      // One listener of each queue and worker; and clients that drop must not end the process.
      pool.setMaxListeners(0);
      pool.on('error', () => undefined);
      pool.on('connect', (client) => client.on('error', () => undefined));
    }
  }

  async query<R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    try {
      return (await this.#queries.query(text, params as unknown[] | undefined)) as unknown as PgQueryResult<R>;
    } catch (error) {
      throw asUnreachable(error);
    }
  }

  async connect(): Promise<PgPoolClient> {
    try {
      const client: PoolClient = await this.#listeners.connect();
      return client as unknown as PgPoolClient;
    } catch (error) {
      throw asUnreachable(error);
    }
  }

  on(event: 'error' | 'connect', listener: (argument: never) => void): this {
    for (const pool of [this.#queries, this.#listeners]) pool.on(event as 'error', listener as (error: Error) => void);
    return this;
  }

  removeAllListeners(): this {
    return this;
  }

  async end(): Promise<void> {
    await Promise.all([this.#queries.end(), this.#listeners.end()]);
  }
}
