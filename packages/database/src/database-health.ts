import { Client } from 'pg';

/** Whether the database answers a query on a new connection within the time. Never throws. */
export async function isDatabaseReachable(options: { url: string; timeoutMs?: number }): Promise<boolean> {
  const timeoutMs = options.timeoutMs ?? 2_000;
  const client = new Client({
    connectionString: options.url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
