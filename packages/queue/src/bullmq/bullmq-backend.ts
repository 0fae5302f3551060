import type { Processor, Queue, Worker, WorkerOptions } from 'bullmq';
import type { JobPayload } from '../job-payload.js';

export type BullQueue = Queue<JobPayload, void>;
export type BullWorker = Worker<JobPayload, void>;
export type BullProcessor = Processor<JobPayload, void>;
export type BullWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix'>;

/** The server behind BullMQ: connections, and the classes bound to them. */
export interface BullMqBackend {
  readonly kind: 'postgres' | 'redis';
  createQueue(name: string): BullQueue;
  createWorker(name: string, processor: BullProcessor, options: BullWorkerOptions): BullWorker;
  /** One round trip. @throws what the driver throws */
  check(): Promise<{ durable: boolean }>;
  /** After its queues and workers. */
  close(): Promise<void>;
}
