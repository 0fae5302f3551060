import { AileronError } from '@aileron/errors';
import { CLOCK, LOGGER, type Clock } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { repeat } from '../leader/repeat.js';
import { LifecycleService } from '../workspaces/lifecycle.service.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';

const LOOK_EVERY_MS = 500;
const ALL_EVERY_MS = 60_000;
const AT_ONCE = 200;

/** Tells workspaces that time has passed: when their due time has come, and each minute whatever it says. */
@Injectable()
export class TickDuty {
  #allAt = 0;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(LifecycleService) private readonly lifecycle: LifecycleService,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
  ) {}

  run(signal: AbortSignal): Promise<void> {
    const onError = (error: unknown) => this.logger.warn({ err: error }, 'workspace.tick-failed');
    return repeat({ everyMs: LOOK_EVERY_MS, signal, onError }, () => this.#tick(signal));
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const now = this.clock.now();
    const all = Math.abs(now - this.#allAt) >= ALL_EVERY_MS;
    if (all) this.#allAt = now;
    const due = await this.workspaces.listDue({ now: new Date(now), limit: all ? 10_000 : AT_ONCE, all });
    for (const workspaceId of due) {
      if (signal.aborted) return;
      await this.lifecycle.apply(workspaceId, { type: 'tick' }).catch((error: unknown) => {
        if (AileronError.is(error, 'NOT_FOUND')) return;
        this.logger.warn({ err: error, workspaceId }, 'workspace.tick-failed');
      });
    }
  }
}
