import type { LifecycleEvent } from './lifecycle-event.js';
import type { WorkspaceState } from './workspace-state.js';

/** Something a provisioner has that carries our labels. */
export interface FoundResource {
  /** The provisioner's own name for it. */
  readonly id: string;
  readonly workspaceId: string;
  /** `container` is the one that the runtime lives in; `other` whatever else was made for the workspace. */
  readonly kind: 'container' | 'volume' | 'other';
  /** The fencing token under which it was started, from its label; null when it has none. */
  readonly launch: number | null;
  readonly running: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Everything a provisioner has, and the workspaces that should be there. */
export interface Sweep {
  /** All of this provisioner, removed ones whose removal is not confirmed included, read before it was asked. */
  readonly known: readonly WorkspaceState[];
  /** When they were read. Milliseconds since 1970. */
  readonly knownAt: number;
  readonly found: readonly FoundResource[];
  /** False when the listing may lack something: then nothing is concluded from what is not in it. */
  readonly complete: boolean;
  /** How far the provisioner's clock may be from ours. Milliseconds. */
  readonly clockSkewMs?: number;
}

export interface Orphan {
  readonly resource: FoundResource;
  /**
   * `removed`: its workspace was deleted. `superseded`: a container that a later launch replaced. `unrecorded`: nobody
   * knows its workspace; after a restore of the database that can be somebody's data, so look before removing a volume.
   */
  readonly because: 'removed' | 'superseded' | 'unrecorded';
}

/** To be handed to `transition`, which refuses it when the workspace was worked on in between. */
export interface SweepEvent {
  readonly workspaceId: string;
  readonly event: LifecycleEvent;
}

export interface SweepDecision {
  /** To be removed, by their ids. */
  readonly orphans: readonly Orphan[];
  /** Should run, and have their volume but no container that does. */
  readonly rebuild: readonly SweepEvent[];
  /** Should not run, and do. */
  readonly halt: readonly SweepEvent[];
  /** Their volume is gone. */
  readonly lost: readonly SweepEvent[];
  /** Removed, and nothing is left of them. */
  readonly confirmed: readonly SweepEvent[];
}

/** Compares both ways: what is there without an owner, and which owners lack what is theirs. */
export function reconcileSweep(sweep: Sweep): SweepDecision {
  const states = new Map(sweep.known.map((state) => [state.workspaceId, state]));
  const resources = Map.groupBy(sweep.found, ({ workspaceId }) => workspaceId);
  const decision = { rebuild: [], halt: [], lost: [], confirmed: [] } as Record<Drift, SweepEvent[]>;
  for (const state of states.values()) {
    const drift = driftOf(state, resources.get(state.workspaceId) ?? []);
    if (drift === null || (!sweep.complete && drift.kind !== 'halt')) continue;
    decision[drift.kind].push({ workspaceId: state.workspaceId, event: drift.event });
  }
  return { orphans: orphansOf(sweep, states), ...decision };
}

type Drift = 'rebuild' | 'halt' | 'lost' | 'confirmed';

function orphansOf(sweep: Sweep, states: ReadonlyMap<string, WorkspaceState>): Orphan[] {
  // What was made after the workspaces were read may belong to one that was opened since.
  const newest = sweep.knownAt - (sweep.clockSkewMs ?? 5_000);
  return sweep.found.flatMap((resource) => {
    if (resource.createdAt > newest) return [];
    const because = orphanedBy(resource, states.get(resource.workspaceId));
    return because === null ? [] : [{ resource, because }];
  });
}

function orphanedBy(resource: FoundResource, owner: WorkspaceState | undefined): Orphan['because'] | null {
  if (owner === undefined) return 'unrecorded';
  if (owner.removed !== null) return 'removed';
  if (owner.operation !== null || resource.kind !== 'container') return null;
  return resource.launch === owner.launch ? null : 'superseded';
}

function driftOf(
  state: WorkspaceState,
  resources: readonly FoundResource[],
): { kind: Drift; event: LifecycleEvent } | null {
  if (state.removed !== null) {
    const over = state.removed.confirmed || resources.length > 0;
    return over ? null : { kind: 'confirmed', event: { type: 'swept' } };
  }
  if (state.operation !== null) return null;
  const containers = resources.filter(({ kind, launch }) => kind === 'container' && launch === state.launch);
  const volume = resources.some(({ kind }) => kind === 'volume') ? 'present' : 'missing';
  const running = containers.some((container) => container.running);
  const container = running ? 'running' : containers.length > 0 ? 'exited' : 'missing';
  const event = { type: 'found', fence: state.fence, container, volume } as const;
  if (volume === 'missing' && state.created) {
    return state.conditions.volume?.status === 'failed' && !running ? null : { kind: 'lost', event };
  }
  if (state.phase === 'running') return running ? null : { kind: 'rebuild', event };
  return running ? { kind: 'halt', event } : null;
}
