import { AileronError } from '@aileron/errors';
import { Inject, Injectable } from '@nestjs/common';
import { Provisioners } from '../provisioners/provisioners.js';
import { LifecycleService } from '../workspaces/lifecycle.service.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';

const INSPECT_WITHIN_MS = 15_000;

/** Looks what a provisioner really has of a workspace, and tells its state machine. */
@Injectable()
export class InspectionService {
  constructor(
    @Inject(Provisioners) private readonly provisioners: Provisioners,
    @Inject(LifecycleService) private readonly lifecycle: LifecycleService,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
  ) {}

  async inspect(workspaceId: string, signal?: AbortSignal): Promise<void> {
    const record = await this.workspaces.find(workspaceId);
    if (record === null || record.state.operation !== null) return;
    const { fence } = record.state;
    const late = AbortSignal.timeout(INSPECT_WITHIN_MS);
    const provisioner = this.provisioners.get(record.provisioner);
    const found = await provisioner.inspect(workspaceId, signal === undefined ? late : AbortSignal.any([signal, late]));
    // What runs under another launch is not this workspace's runtime.
    const container =
      found.container === 'running' && found.launch !== record.containerLaunch ? 'missing' : found.container;
    const event = { type: 'found', fence, container, volume: found.volume } as const;
    await this.lifecycle.apply(workspaceId, event).catch((error: unknown) => {
      // It was worked on in between: whoever did looks for himself.
      if (!AileronError.is(error) || !['CONFLICT', 'PRECONDITION_FAILED', 'NOT_FOUND'].includes(error.code))
        throw error;
    });
  }
}
