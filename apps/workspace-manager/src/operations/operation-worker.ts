import { setTimeout as delay } from 'node:timers/promises';
import { AileronError } from '@aileron/errors';
import { DEFAULT_BUDGETS } from '@aileron/lifecycle';
import type { RunningJob } from '@aileron/queue';
import { CLOCK, LOGGER, type Clock } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { RunningTasks } from '../leader/running-tasks.js';
import { Provisioners } from '../provisioners/provisioners.js';
import { EXECUTION_SESSIONS, type ExecutionSessionPort } from '../sessions/execution-session.port.js';
import { SessionFirewalls } from '../sessions/session-firewalls.service.js';
import { TemplatesService } from '../provisioners/templates.service.js';
import { LifecycleService } from '../workspaces/lifecycle.service.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { HeldOperation } from './held-operation.js';
import { launchWorkspace } from './launch-workspace.js';
import { failureOf } from './operation-failure.js';
import { StepLog } from './step-log.js';

const CLOSE_MS = 2_000;

const OperationPayload = z.object({
  workspaceId: z.string(),
  generation: z.number(),
  operation: z.number(),
  attempt: z.number(),
});

/** Carries out the operations of workspaces: claims one, does it over the provisioner, and says how it ended. */
@Injectable()
export class OperationWorker {
  readonly #held = new Set<HeldOperation>();
  readonly #running = new RunningTasks();

  constructor(
    @Inject(CONFIG) private readonly config: WorkspaceManagerConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(LifecycleService) private readonly lifecycle: LifecycleService,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
    @Inject(Provisioners) private readonly provisioners: Provisioners,
    @Inject(TemplatesService) private readonly templates: TemplatesService,
    @Inject(SessionFirewalls) private readonly firewalls: SessionFirewalls,
    @Inject(EXECUTION_SESSIONS) private readonly sessions: ExecutionSessionPort,
  ) {}

  /** One run of a job. A job that is another's by now, or of an operation that is over, does nothing. */
  run(job: Pick<RunningJob, 'payload' | 'signal'>): Promise<void> {
    const running = this.#run(job);
    this.#running.add(running.catch(() => undefined));
    return running;
  }

  async #run({ payload, signal }: Pick<RunningJob, 'payload' | 'signal'>): Promise<void> {
    const { workspaceId, ...claim } = OperationPayload.parse(payload);
    const record = await this.lifecycle.apply(workspaceId, { type: 'claim', ...claim }).catch((error: unknown) => {
      if (isRefusal(error)) return null;
      throw error;
    });
    if (record === null) return;
    const held = new HeldOperation(this.lifecycle, record);
    this.#held.add(held);
    try {
      await this.#carryOut(held, signal);
    } finally {
      held.release();
      this.#held.delete(held);
    }
  }

  /** Somebody took the work from the worker with this token. */
  cancel(workspaceId: string, fence: number): void {
    for (const held of this.#held) if (held.workspaceId === workspaceId && held.fence === fence) held.cancel();
  }

  /** Whatever is left after the queue has closed is ended, and its end waited for. */
  async close(): Promise<void> {
    for (const held of this.#held) held.cancel();
    await Promise.race([this.#running.settled(), delay(CLOSE_MS, undefined, { ref: false })]);
  }

  async #carryOut(held: HeldOperation, jobSignal: AbortSignal): Promise<void> {
    const { workspaceId } = held;
    const kind = held.record.state.operation?.kind ?? 'stop';
    const late = AbortSignal.timeout(DEFAULT_BUDGETS.operations[kind].attemptMs);
    const signal = AbortSignal.any([jobSignal, held.lost, late]);
    const log = new StepLog(this.clock, (events) => this.workspaces.appendEvents(workspaceId, events));
    try {
      await this.#perform(held, log, signal);
      await log.close();
      await held.report({ name: 'succeeded' });
    } catch (thrown) {
      if (held.lost.aborted) return;
      const failure = failureOf(signal.aborted && !AileronError.is(thrown) ? signal.reason : thrown);
      this.logger.warn({ err: thrown, workspaceId, kind, reason: failure.reason }, 'workspace.operation-failed');
      log.line(failure.message);
      await log.close();
      await held.report({ name: 'failed', ...failure }).catch((error: unknown) => {
        // Nobody is told: the lease ends, and the operation is tried again.
        this.logger.warn({ err: error, workspaceId }, 'workspace.report-failed');
      });
    } finally {
      await log.close();
    }
  }

  async #perform(held: HeldOperation, log: StepLog, signal: AbortSignal): Promise<void> {
    const { record, workspaceId } = held;
    const { operation } = record.state;
    const provisioner = this.provisioners.get(record.provisioner);
    switch (operation?.kind) {
      case 'create':
      case 'start':
      case 'restart':
      case 'rebuild':
        return launchWorkspace({
          held,
          log,
          provisioner,
          signal,
          sessions: this.sessions,
          firewalls: this.firewalls,
          agents: this.templates.agentsOf(record.template),
          sessionSeconds: this.config.sessionSeconds,
          now: () => this.clock.now(),
        });
      case 'restart-component':
        return this.#restartComponent(held, signal);
      case 'stop':
        return provisioner.stop(workspaceId, signal);
      case 'delete':
      case 'force-delete':
        return provisioner.remove(workspaceId, { force: operation.kind === 'force-delete' }, signal);
      case undefined:
        throw new AileronError('INTERNAL');
    }
  }

  async #restartComponent({ record, workspaceId }: HeldOperation, signal: AbortSignal): Promise<void> {
    const component = record.state.operation?.component;
    if (component !== 'runtime' && component !== 'terminal') throw new AileronError('UNIMPLEMENTED');
    await this.provisioners
      .get(record.provisioner)
      .restartComponent({ workspaceId, launch: record.containerLaunch, component }, signal);
  }
}

const isRefusal = (error: unknown): boolean =>
  AileronError.is(error) && ['CONFLICT', 'NOT_FOUND', 'PRECONDITION_FAILED'].includes(error.code);
