import { setTimeout as delay } from 'node:timers/promises';
import { AileronError } from '@aileron/errors';
import { Client } from 'pg';
import type { AddJobOptions, JobQueue } from '../job-queue.port.js';
import type { JobPayload } from '../job-payload.js';
import type { QueueLog } from '../queue-events.js';
import { within } from '../within.js';
import { tableIn } from './outbox-entry.js';

const CALL_MS = 10_000;
const LONGEST_BACKOFF_MS = 5_000;
const CHANNEL = 'aileron_outbox';

export interface OutboxRelayOptions {
  /** Connection string of the service whose schema has the outbox. */
  readonly databaseUrl: string;
  readonly schema: string;
  readonly queue: Pick<JobQueue, 'add'>;
  /** Rows between two deletes. Default 100. */
  readonly batchSize?: number;
  /** For a notification that was lost, and for the turn of another relay that died. Default 1,000. */
  readonly pollMs?: number;
  readonly log?: QueueLog;
  /** Told how many rows were given to the queue, after each batch. */
  readonly onRelayed?: (rows: number) => void;
}

interface OutboxRow {
  readonly id: string;
  readonly job_name: string;
  readonly payload: JobPayload;
  readonly options: AddJobOptions;
}

/**
 * Gives what was committed to the outbox to the queue, oldest first, at least once, and deletes it then. Any number of
 * processes may run one: a lock in the database lets one work, and its death hands over to the next.
 */
export class OutboxRelay {
  readonly #ending = new AbortController();
  readonly #table: string;
  readonly #finished: Promise<void>;
  #wake: () => void = () => undefined;
  #woken = false;
  #leading = false;
  #failures = 0;

  private constructor(private readonly options: OutboxRelayOptions) {
    this.#table = tableIn(options.schema, 'outbox');
    this.#finished = this.#run();
  }

  static start(options: OutboxRelayOptions): OutboxRelay {
    return new OutboxRelay(options);
  }

  /** Whether this one does the work. */
  get isLeading(): boolean {
    return this.#leading;
  }

  /** After the row under way; what is left is for the next relay. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#wake();
    await within(2 * CALL_MS, this.#finished).catch(() => undefined);
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#isEnding) {
      try {
        await this.#relayWhileConnected();
      } catch (error) {
        this.options.log?.warn({ schema: this.options.schema, error }, 'outbox.relay-failed');
        const backoffMs = Math.min(LONGEST_BACKOFF_MS, 100 * 2 ** Math.min(this.#failures, 10));
        this.#failures += 1;
        await delay(backoffMs, undefined, { signal: this.#ending.signal }).catch(() => undefined);
      }
    }
  }

  async #relayWhileConnected(): Promise<void> {
    const client = new Client({
      connectionString: this.options.databaseUrl,
      application_name: 'aileron-outbox',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: CALL_MS,
    });
    client.on('error', () => this.#notified());
    client.on('end', () => this.#notified());
    client.on('notification', ({ payload }) => (payload === this.options.schema ? this.#notified() : undefined));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      while (!this.#isEnding) {
        this.#woken = false;
        this.#leading ||= await takeTurn(client, this.options.schema);
        if (this.#leading) await this.#relayAll(client);
        this.#failures = 0;
        await this.#pause();
      }
    } finally {
      this.#leading = false;
      await within(CALL_MS, client.end()).catch(() => undefined);
    }
  }

  async #relayAll(client: Client): Promise<void> {
    const { batchSize = 100 } = this.options;
    for (let taken = batchSize; taken === batchSize && !this.#isEnding;) {
      const { rows } = await client.query<OutboxRow>(
        `SELECT id, job_name, payload, options FROM ${this.#table} WHERE refused_at IS NULL ORDER BY id LIMIT $1`,
        [batchSize],
      );
      taken = rows.length;
      await this.#relayBatch(client, rows);
    }
  }

  /** In order: the first that the queue does not answer for ends the batch. */
  async #relayBatch(client: Client, rows: readonly OutboxRow[]): Promise<void> {
    const relayed: string[] = [];
    try {
      for (const row of rows) {
        if (this.#isEnding) break;
        if (await this.#relayOne(client, row)) relayed.push(row.id);
      }
    } finally {
      if (relayed.length > 0) {
        await client.query(`DELETE FROM ${this.#table} WHERE id = ANY($1::bigint[])`, [relayed]);
        this.options.onRelayed?.(relayed.length);
      }
    }
  }

  /** False for one that the queue will never take: it is set aside, so that those behind it go on. */
  async #relayOne(client: Client, row: OutboxRow): Promise<boolean> {
    try {
      await this.options.queue.add(row.job_name, row.payload, row.options);
      return true;
    } catch (error) {
      if (!AileronError.is(error, 'INVALID_ARGUMENT')) throw error;
      this.options.log?.warn({ schema: this.options.schema, row: row.id, error }, 'outbox.row-refused');
      await client.query(`UPDATE ${this.#table} SET refused_at = clock_timestamp(), refusal = $2 WHERE id = $1`, [
        row.id,
        error.code,
      ]);
      return false;
    }
  }

  #notified(): void {
    this.#woken = true;
    this.#wake();
  }

  async #pause(): Promise<void> {
    if (this.#woken || this.#isEnding) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.options.pollMs ?? 1_000);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Held by the connection: it ends with the process. */
async function takeTurn(client: Client, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    `SELECT pg_try_advisory_lock(hashtext('aileron.outbox.relay'), hashtext($1)) AS taken`,
    [schema],
  );
  return rows[0]?.taken === true;
}
