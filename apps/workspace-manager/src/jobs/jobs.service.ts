import { OutboxRelay, openJobQueue, type JobHandler, type JobQueue } from '@aileron/queue';
import { AileronError } from '@aileron/errors';
import { LOGGER } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { OperationWorker } from '../operations/operation-worker.js';
import { InspectionService } from '../sweep/inspection.service.js';
import { INSPECTION_JOB, OPERATION_JOB } from '../workspaces/workspace-change.js';
import { endingWhenAway } from './job-tries.js';

const SCHEMA = 'workspace';
/** Beyond the longest attempt of an operation, which ends by itself. */
const LONGEST_RUN_MS = 15 * 60_000;

/** The queue with its workers, and the relay that fills it from the outbox. */
@Injectable()
export class JobsService {
  #queue: JobQueue | null = null;
  #relay: OutboxRelay | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: WorkspaceManagerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(OperationWorker) private readonly operations: OperationWorker,
    @Inject(InspectionService) private readonly inspections: InspectionService,
  ) {}

  async start(): Promise<void> {
    const log = {
      info: (facts: object, message: string) => this.logger.info(facts, message),
      warn: (facts: object, message: string) => this.logger.warn(facts, message),
    };
    const queue = await openJobQueue({ server: this.config.queue, log, drainMs: 2_000, graceMs: 1_000 });
    this.#queue = queue;
    const work = { lockMs: 10_000, timeoutMs: LONGEST_RUN_MS };
    const operate = endingWhenAway((job) => this.operations.run(job), this.logger);
    await queue.work(OPERATION_JOB, operate, { ...work, concurrency: 16 });
    const inspect: JobHandler = ({ payload, signal }) =>
      this.inspections.inspect(String(payload['workspaceId']), signal);
    const look = endingWhenAway(inspect, this.logger);
    await queue.work(INSPECTION_JOB, look, { lockMs: 10_000, timeoutMs: 30_000, concurrency: 4 });
    this.#relay = OutboxRelay.start({ databaseUrl: this.config.databaseUrl, schema: SCHEMA, queue, log });
  }

  /** Runs under way have a bounded time; then they are given back to the queue. */
  async close(): Promise<void> {
    await this.#relay?.close();
    await this.#queue?.close();
  }

  /** Never throws. */
  async isReachable(): Promise<boolean> {
    return (await this.#queue?.health())?.reachable === true;
  }

  get queue(): JobQueue {
    if (this.#queue === null) throw new AileronError('UNAVAILABLE', { reason: 'starting' });
    return this.#queue;
  }
}
