import { AileronError } from '@aileron/errors';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { BullMqBackend, BullProcessor, BullQueue, BullWorker, BullWorkerOptions } from './bullmq-backend.js';

const MOST_EVENTS = 1_000;

export interface RedisBackendOptions {
  /** `redis://`, `rediss://`, or the absolute path of a Unix socket. */
  readonly redisUrl: string;
  readonly callMs: number;
  /** Before every key. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}

/** BullMQ on Redis: one connection for the queues, and BullMQ's two for each worker. */
export class RedisBackend implements BullMqBackend {
  readonly kind = 'redis';
  readonly #prefix: string;
  /** Calls fail at once while Redis is away; what nobody waits for any more is not sent later. */
  readonly #calls: Redis;
  /** Workers wait until it is back: BullMQ wants it so. */
  readonly #workers: Redis;
  /** Once: later a call tells whether Redis is there. */
  readonly #connected: Promise<void>;

  constructor({ redisUrl, callMs, prefix, onError }: RedisBackendOptions) {
    const options = {
      connectTimeout: callMs,
      retryStrategy: (times: number) => Math.min(100 * times, 2_000),
      maxRetriesPerRequest: null,
    };
    this.#prefix = prefix;
    this.#calls = new Redis(redisUrl, { ...options, enableOfflineQueue: false, commandTimeout: callMs });
    this.#workers = new Redis(redisUrl, options);
    for (const client of [this.#calls, this.#workers]) client.on('error', onError).setMaxListeners(0);
    this.#connected = new Promise((resolve) => {
      this.#calls.once('ready', () => resolve());
    });
  }

  createQueue(name: string): BullQueue {
    return new Queue(name, {
      connection: this.#calls,
      prefix: this.#prefix,
      streams: { events: { maxLen: MOST_EVENTS } },
    });
  }

  createWorker(name: string, processor: BullProcessor, options: BullWorkerOptions): BullWorker {
    return new Worker(name, processor, { ...options, connection: this.#workers, prefix: this.#prefix });
  }

  /** @throws QUEUE_UNAVAILABLE also when Redis may throw jobs away to make room */
  async check(): Promise<{ durable: boolean }> {
    await this.#connected;
    const [memory, persistence] = await Promise.all([this.#calls.info('memory'), this.#calls.info('persistence')]);
    const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
    if (policy !== undefined && policy !== 'noeviction') {
      throw new AileronError('QUEUE_UNAVAILABLE', { reason: 'Set maxmemory-policy of Redis to noeviction.' });
    }
    return { durable: /^aof_enabled:1/m.test(persistence) };
  }

  async close(): Promise<void> {
    this.#calls.disconnect();
    this.#workers.disconnect();
  }
}
