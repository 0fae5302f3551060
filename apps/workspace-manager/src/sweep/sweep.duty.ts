import { AileronError } from '@aileron/errors';
import { reconcileSweep, type FoundResource, type Orphan, type SweepEvent } from '@aileron/lifecycle';
import type { WorkspaceProvisioner } from '@aileron/provisioner';
import { CLOCK, LOGGER, type Clock } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { repeat } from '../leader/repeat.js';
import { Provisioners } from '../provisioners/provisioners.js';
import { LifecycleService } from '../workspaces/lifecycle.service.js';
import { WorkspacesRepository, type ProvisionedStates } from '../workspaces/workspaces.repository.js';

const LIST_WITHIN_MS = 30_000;
const REMOVE_WITHIN_MS = 30_000;

/** Compares what provisioners have with what should be there, both ways: at the start, and again and again. */
@Injectable()
export class SweepDuty {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<WorkspaceManagerConfig, 'sweepEveryMs'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Provisioners) private readonly provisioners: Provisioners,
    @Inject(LifecycleService) private readonly lifecycle: LifecycleService,
    @Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(
      this.provisioners.all.map((provisioner) => {
        const onError = (error: unknown) =>
          this.logger.warn({ err: error, provisioner: provisioner.kind }, 'workspace.sweep-failed');
        return repeat({ everyMs: this.config.sweepEveryMs, signal, onError }, () => this.#sweep(provisioner, signal));
      }),
    );
  }

  async #sweep(provisioner: WorkspaceProvisioner, signal: AbortSignal): Promise<void> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(LIST_WITHIN_MS)]);
    if ((await provisioner.missing(within)) !== null) return;
    const knownAt = this.clock.now();
    const { stored, damaged } = await this.workspaces.listStates(provisioner.kind);
    if (damaged.length > 0) this.logger.error({ workspaceIds: damaged }, 'workspace.state-damaged');
    const { found, complete } = await provisioner.list(within);
    // What is of a workspace that cannot be read stays as it is: nobody knows what should become of it.
    const unreadable = new Set(damaged);
    const readable = found.filter(({ workspaceId }) => !unreadable.has(workspaceId));
    const owners = new Map(stored.map((each) => [each.state.workspaceId, each]));
    const decision = reconcileSweep({
      known: stored.map(({ state }) => state),
      knownAt,
      found: readable.map((resource) => underStoredLaunch(resource, owners.get(resource.workspaceId))),
      complete,
    });
    for (const orphan of decision.orphans) {
      await this.#removeOrphan(provisioner, orphan, signal).catch((error: unknown) => {
        // It is found again at the next sweep; nothing else waits for it.
        this.logger.warn({ err: error, resource: orphan.resource.id }, 'workspace.orphan-stays');
      });
    }
    const { rebuild, halt, lost, confirmed } = decision;
    for (const event of [...rebuild, ...halt, ...lost, ...confirmed]) {
      await this.#tell(event).catch((error: unknown) => {
        this.logger.warn({ err: error, workspaceId: event.workspaceId }, 'workspace.sweep-not-told');
      });
    }
  }

  async #removeOrphan(provisioner: WorkspaceProvisioner, orphan: Orphan, signal: AbortSignal): Promise<void> {
    const { resource, because } = orphan;
    const facts = { resource: resource.id, workspaceId: resource.workspaceId, kind: resource.kind, because };
    // After a restore of the database it may be somebody's data: a person decides.
    if (because === 'unrecorded' && resource.kind === 'volume') {
      this.logger.warn(facts, 'workspace.volume-unrecorded');
      return;
    }
    this.logger.info(facts, 'workspace.orphan-removed');
    await provisioner.removeResource(resource, AbortSignal.any([signal, AbortSignal.timeout(REMOVE_WITHIN_MS)]));
  }

  async #tell({ workspaceId, event }: SweepEvent): Promise<void> {
    await this.lifecycle.apply(workspaceId, event).catch((error: unknown) => {
      if (!AileronError.is(error) || !['CONFLICT', 'PRECONDITION_FAILED', 'NOT_FOUND'].includes(error.code))
        throw error;
    });
  }
}

type Stored = ProvisionedStates['stored'][number];

/** The provisioner's launch number as the state machine's, which gives a runtime that is restarted alone one of its own. */
function underStoredLaunch(resource: FoundResource, owner: Stored | undefined): FoundResource {
  if (owner === undefined || resource.launch !== owner.containerLaunch) return resource;
  return { ...resource, launch: owner.state.launch };
}
