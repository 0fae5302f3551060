import { refusalError, transition, type LifecycleEvent } from '@aileron/lifecycle';
import { CLOCK, type Clock } from '@aileron/service-host';
import { Inject, Injectable } from '@nestjs/common';
import { WorkspacesRepository, type WorkspaceChange } from './workspaces.repository.js';
import type { WorkspaceRecord } from './workspace-record.js';

/** The state machine of packages/lifecycle over what is stored. */
@Injectable()
export class LifecycleService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
  ) {}

  /**
   * One event, in one transaction with all that follows from it. `event` may depend on the state that is there then.
   * @throws AileronError NOT_FOUND, CONFLICT, PRECONDITION_FAILED, INVALID_ARGUMENT: it does not count
   */
  apply(
    workspaceId: string,
    event: LifecycleEvent | ((record: WorkspaceRecord) => LifecycleEvent),
    more: Pick<WorkspaceChange, 'session'> = {},
  ): Promise<WorkspaceRecord> {
    return this.workspaces.change(workspaceId, (record) => {
      const given = typeof event === 'function' ? event(record) : event;
      const result = transition(record.state, given, this.clock.now());
      if (!result.ok) throw refusalError(result.refusal);
      if (result.state === record.state && more.session === undefined) return null;
      return { state: result.state, effects: result.effects, ...more };
    });
  }
}
