import { Pool } from 'pg';

export interface ServicePoolOptions {
  /** Connection string of the service's role; `?host=/folder` names a Unix socket. */
  readonly url: string;
  readonly maxConnections?: number;
  /** A statement that takes longer is ended by the server. */
  readonly statementTimeoutMs?: number;
}

/** A service's connections: opened when first used, each wait with an end. `applicationName` is seen in pg_stat_activity. */
export function openServicePool(options: ServicePoolOptions, applicationName: string): Pool {
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
    application_name: applicationName,
  });
  // A connection that dies while nobody uses it is replaced.
  pool.on('error', () => undefined);
  return pool;
}
