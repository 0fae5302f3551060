import { AileronError } from '@aileron/errors';
import type { WorkerReport } from '@aileron/lifecycle';
import type { LifecycleService } from '../workspaces/lifecycle.service.js';
import type { WorkspaceRecord } from '../workspaces/workspace-record.js';
import type { WorkspaceChange } from '../workspaces/workspaces.repository.js';

const HEARTBEAT_MS = 5_000;

/** An operation that this worker has claimed: what it says counts as long as nobody else was given the work. */
export class HeldOperation {
  readonly fence: number;
  readonly #generation: number;
  readonly #lost = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(
    private readonly lifecycle: LifecycleService,
    readonly record: WorkspaceRecord,
  ) {
    this.fence = record.state.fence;
    this.#generation = record.state.intent.generation;
    this.#heartbeat = setInterval(() => void this.report({ name: 'heartbeat' }).catch(() => undefined), HEARTBEAT_MS);
  }

  get workspaceId(): string {
    return this.record.workspaceId;
  }

  /** Aborted once the work was given to another, or is not wanted any more. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** @throws AileronError CONFLICT when the work is another's by now; then `lost` is aborted */
  async report(report: WorkerReport, more: Pick<WorkspaceChange, 'session'> = {}): Promise<WorkspaceRecord> {
    const event = { type: 'report', generation: this.#generation, fence: this.fence, report } as const;
    try {
      return await this.lifecycle.apply(this.workspaceId, event, more);
    } catch (error) {
      if (AileronError.is(error, 'CONFLICT') || AileronError.is(error, 'NOT_FOUND')) this.cancel();
      throw error;
    }
  }

  cancel(): void {
    this.#lost.abort(new AileronError('CANCELLED', { reason: 'superseded' }));
  }

  release(): void {
    clearInterval(this.#heartbeat);
  }
}
