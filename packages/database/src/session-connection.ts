import { Client, escapeIdentifier } from 'pg';
import { toDatabaseError } from './database-error.js';

export interface SessionConnection {
  /** Ends by itself when the connection does. */
  readonly lost: Promise<void>;
  /** Whether this connection holds the lock of this name now; it holds it until it ends. */
  tryLock(name: string): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * A connection of its own: it hears what is notified on a channel, and what it has locked is free the moment it dies.
 * @throws DATABASE_UNAVAILABLE
 */
export async function connectSession(options: {
  readonly url: string;
  /** Seen in pg_stat_activity. */
  readonly applicationName?: string;
  readonly channel: string;
  readonly onNotice: (payload: string) => void;
}): Promise<SessionConnection> {
  const client = new Client({
    connectionString: options.url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
    keepAlive: true,
    application_name: options.applicationName ?? 'aileron-workspace-manager-session',
  });
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  client.on('error', () => resolve());
  client.on('end', () => resolve());
  client.on('notification', ({ channel, payload }) => {
    if (channel === options.channel) options.onNotice(payload ?? '');
  });
  const close = () => client.end().catch(() => undefined);
  try {
    await client.connect();
    await client.query(`LISTEN ${escapeIdentifier(options.channel)}`);
  } catch (error) {
    await close();
    throw toDatabaseError(error);
  }
  return { lost, close, tryLock: (name) => tryLock(client, name) };
}

async function tryLock(client: Client, name: string): Promise<boolean> {
  try {
    const { rows } = await client.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
      [name],
    );
    return rows[0]?.taken === true;
  } catch (error) {
    throw toDatabaseError(error);
  }
}
