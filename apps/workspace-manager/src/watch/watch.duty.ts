import { setTimeout as delay } from 'node:timers/promises';
import type { WatchStatusResponse } from '@aileron/contracts/grpc';
import { CLOCK, LOGGER, type Clock } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import type { NoticeListener } from '../leader/manager-link.js';
import { RunningTasks } from '../leader/running-tasks.js';
import { Provisioners } from '../provisioners/provisioners.js';
import { InspectionService } from '../sweep/inspection.service.js';
import type { ChangeNotice } from '../workspaces/change-notice.js';
import { LifecycleService } from '../workspaces/lifecycle.service.js';
import type { WorkspaceRecord } from '../workspaces/workspace-record.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { watchTargetOf } from './watch-target.js';
import { WorkspaceWatch } from './workspace-watch.js';

const ALL_EVERY_MS = 10_000;

/** Who wants to know what runtimes say of their agents. */
export interface RuntimeListener {
  onRuntime(record: WorkspaceRecord, status: WatchStatusResponse): void;
  /** The runtime of the workspace is not watched any more. */
  onUnwatched(workspaceId: string): void;
}

/** Watches what runs: a watch for each launch that should be there. */
@Injectable()
export class WatchDuty implements NoticeListener {
  readonly #watches = new Map<string, WorkspaceWatch>();
  readonly #listeners = new Set<RuntimeListener>();
  readonly #changed = new Set<string>();
  readonly #ends = new RunningTasks();
  #wake: () => void = () => undefined;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Provisioners) private readonly provisioners: Provisioners,
    @Inject(LifecycleService) private readonly lifecycle: LifecycleService,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
    @Inject(InspectionService) private readonly inspections: InspectionService,
  ) {}

  listen(listener: RuntimeListener): void {
    this.#listeners.add(listener);
  }

  onNotice(notice: ChangeNotice): void {
    if (notice.type !== 'workspace' && notice.type !== 'removed') return;
    this.#changed.add(notice.workspaceId);
    this.#wake();
  }

  onResync(): void {
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    let allAt = -Infinity;
    try {
      while (!signal.aborted) {
        const all = Math.abs(this.clock.now() - allAt) >= ALL_EVERY_MS;
        try {
          if (all) await this.#lookAtAll();
          else await this.#lookAtChanged();
          if (all) allAt = this.clock.now();
        } catch (error) {
          this.logger.warn({ err: error }, 'workspace.watch-failed');
          await delay(500, undefined, { signal }).catch(() => undefined);
        }
        await this.#pause(signal);
      }
    } finally {
      for (const workspaceId of this.#watches.keys()) this.#end(workspaceId);
      await this.#ends.settled();
    }
  }

  async #lookAtAll(): Promise<void> {
    const launched = await this.workspaces.listLaunched();
    const known = new Set(launched.map(({ workspaceId }) => workspaceId));
    for (const workspaceId of this.#watches.keys()) if (!known.has(workspaceId)) this.#end(workspaceId);
    for (const record of launched) await this.#alone(record.workspaceId, () => this.#look(record));
  }

  async #lookAtChanged(): Promise<void> {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const workspaceId of changed) {
      await this.#alone(workspaceId, async () => {
        const record = await this.workspaces.find(workspaceId);
        if (record === null) this.#end(workspaceId);
        else this.#look(record);
      });
    }
  }

  /** A workspace that cannot be looked at is for the next look at all of them, and keeps nobody from the others. */
  async #alone(workspaceId: string, look: () => Promise<void> | void): Promise<void> {
    try {
      await look();
    } catch (error) {
      this.logger.warn({ err: error, workspaceId }, 'workspace.watch-failed');
    }
  }

  #look(record: WorkspaceRecord): void {
    const { workspaceId } = record;
    const target = watchTargetOf(record);
    const present = this.#watches.get(workspaceId)?.target;
    const same =
      present?.containerLaunch === target?.containerLaunch && present?.observedLaunch === target?.observedLaunch;
    if (same) return;
    this.#end(workspaceId);
    if (target === null) return;
    const endpoints = this.provisioners.get(record.provisioner).endpointsOf(workspaceId, target.containerLaunch);
    const watch = new WorkspaceWatch({
      workspaceId,
      target,
      endpoints,
      lifecycle: this.lifecycle,
      clock: this.clock,
      onRuntime: (status) => {
        for (const listener of this.#listeners) listener.onRuntime(record, status);
      },
      inspect: () => this.inspections.inspect(workspaceId),
    });
    this.#watches.set(workspaceId, watch);
  }

  #end(workspaceId: string): void {
    const watch = this.#watches.get(workspaceId);
    if (watch === undefined) return;
    this.#ends.add(watch.end());
    this.#watches.delete(workspaceId);
    for (const listener of this.#listeners) listener.onUnwatched(workspaceId);
  }

  async #pause(signal: AbortSignal): Promise<void> {
    if (this.#changed.size > 0 || signal.aborted) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await delay(1_000, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => undefined);
    this.#wake = () => undefined;
  }
}
