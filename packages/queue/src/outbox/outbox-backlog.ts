import type { SqlStatement } from './sql-statement.js';
import { tableIn } from './outbox-entry.js';

/** `waiting`, `refused` (rows) and `oldest_seconds` (of those waiting): what an alarm watches. */
export const outboxBacklog = (schema: string): SqlStatement => ({
  text: `SELECT count(*) FILTER (WHERE refused_at IS NULL)::int AS waiting,
                count(*) FILTER (WHERE refused_at IS NOT NULL)::int AS refused,
                coalesce(extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE refused_at IS NULL)), 0)::float AS oldest_seconds
         FROM ${tableIn(schema, 'outbox')}`,
  values: [],
});
