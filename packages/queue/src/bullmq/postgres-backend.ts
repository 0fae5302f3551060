import { createPostgresBackend, DEFAULT_SCHEMA, type PostgresQueueBackend, Queue, Worker } from 'bullmq';
import type { BullMqBackend, BullProcessor, BullQueue, BullWorker, BullWorkerOptions } from './bullmq-backend.js';
import { UnreachablePool } from './unreachable-pool.js';

/** The one schema that BullMQ takes with a pool of ours. */
export const QUEUE_SCHEMA = DEFAULT_SCHEMA;

/** BullMQ would block for an hour: a promised wake-up that was lost must cost seconds. */
const LONGEST_BLOCK_SECONDS = 5;
const MOST_EVENTS = 1_000;

export interface PostgresBackendOptions {
  /** Connection string of the queue's own role (see migrateQueueSchema). */
  readonly databaseUrl: string;
  readonly callMs: number;
  /** Connections beside one for each worker. */
  readonly poolSize: number;
}

/** BullMQ on Postgres: all queues and workers of the process on one pool. */
export class PostgresBackend implements BullMqBackend {
  readonly kind = 'postgres';
  readonly #pool: UnreachablePool;

  constructor({ databaseUrl, callMs, poolSize }: PostgresBackendOptions) {
    this.#pool = new UnreachablePool({
      connectionString: databaseUrl,
      max: poolSize,
      application_name: 'aileron-queue',
      options: `-c search_path=${QUEUE_SCHEMA}`,
      keepAlive: true,
      connectionTimeoutMillis: callMs,
      query_timeout: callMs,
    });
  }

  createQueue(name: string): BullQueue {
    const options = { connection: this.#pool, streams: { events: { maxLen: MOST_EVENTS } } };
    return new Queue(name, options, this.#create) as unknown as BullQueue;
  }

  createWorker(name: string, processor: BullProcessor, options: BullWorkerOptions): BullWorker {
    return new Worker(name, processor, { ...options, connection: this.#pool }, this.#create) as unknown as BullWorker;
  }

  async check(): Promise<{ durable: boolean }> {
    const { rows } = await this.#pool.query<{ durable: boolean }>(
      `SELECT current_setting('fsync') = 'on' AS durable FROM migration LIMIT 1`,
    );
    return { durable: rows[0]?.durable ?? false };
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  readonly #create: typeof createPostgresBackend = (name, options, kind): PostgresQueueBackend => {
    const backend = createPostgresBackend(name, options, kind);
    Object.defineProperty(backend, 'maximumBlockTimeout', { value: LONGEST_BLOCK_SECONDS });
    return backend;
  };
}
