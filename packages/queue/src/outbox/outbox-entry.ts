import { escapeIdentifier } from 'pg';
import { z } from 'zod';
import { parseAddOptions, parseJobName } from '../job-options.js';
import { type JobPayload, parseJobPayload } from '../job-payload.js';
import type { AddJobOptions } from '../job-queue.port.js';
import { parseArgument } from '../parse-argument.js';
import type { SqlStatement } from './sql-statement.js';

export interface OutboxEntry {
  /**
   * Entries of one key are relayed in the order in which their transactions commit, which therefore wait for each
   * other from the insert on. A transaction that writes several keys does so in their alphabetical order.
   */
  readonly orderKey: string;
  readonly name: string;
  readonly payload: JobPayload;
  readonly options: AddJobOptions;
}

const orderKey = z.string().min(1).max(128);
const schemaName = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);

/** The quoted table of a service's schema. @throws INVALID_ARGUMENT */
export const tableIn = (schema: string, table: string): string =>
  `${escapeIdentifier(parseArgument(schemaName, schema, 'schema'))}.${escapeIdentifier(table)}`;

/** @throws INVALID_ARGUMENT for what the queue would not take */
export function outboxInsert(schema: string, entry: OutboxEntry): SqlStatement {
  return {
    text: `INSERT INTO ${tableIn(schema, 'outbox')} (order_key, job_name, job_id, payload, options)
           VALUES ($1, $2, $3, $4::jsonb, $5::jsonb)`,
    values: [
      parseArgument(orderKey, entry.orderKey, 'orderKey'),
      parseJobName(entry.name),
      parseAddOptions(entry.options).jobId,
      JSON.stringify(parseJobPayload(entry.payload)),
      JSON.stringify(entry.options),
    ],
  };
}
