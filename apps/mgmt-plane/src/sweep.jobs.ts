import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ApprovalsService } from './approvals/approvals.service.js';
import { LOGGER } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { type Timer, TIMER } from './ports/timer.js';
import { SessionsService } from './sessions/sessions.service.js';

const EVERY_MS = 5_000;

/** Ends what is over, whether or not anybody looks. Idempotent: a round that fails is made up by the next. */
@Injectable()
export class SweepJobs implements OnApplicationBootstrap, OnModuleDestroy {
  #cancel: (() => void) | null = null;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    @Inject(TIMER) private readonly timer: Timer,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(ApprovalsService) private readonly approvals: ApprovalsService,
  ) {}

  onApplicationBootstrap(): void {
    this.#schedule();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
  }

  #schedule(): void {
    this.#cancel = this.timer.after(EVERY_MS, () => {
      this.#running = this.#sweep().finally(() => {
        if (!this.#stopped) this.#schedule();
      });
    });
  }

  async #sweep(): Promise<void> {
    try {
      await this.sessions.sweep();
      await this.approvals.sweep();
    } catch (error) {
      this.log.warn({ err: error }, 'sweep.failed');
    }
  }
}
