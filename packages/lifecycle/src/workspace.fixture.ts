import { expect } from '@jest/globals';
import { openWorkspace, type NewWorkspace } from './open-workspace.js';
import type { IntentAction, LifecycleEvent, WorkerReport } from './lifecycle-event.js';
import type { OperationKind } from './operation.js';
import { transition } from './transition.js';
import type { LifecycleEffect, RefusalReason } from './transition-result.js';
import { parseWorkspaceState } from './stored-state.js';
import { nextDeadline } from './deadline.js';
import type { WorkspaceState } from './workspace-state.js';

type Reported = Extract<LifecycleEvent, { type: 'report' }>['report'];

/** A workspace that is driven by hand, on a clock that stands. */
export class DrivenWorkspace {
  state: WorkspaceState;
  now = Date.parse('2026-11-21T08:00:00Z');
  effects: readonly LifecycleEffect[];

  constructor(input: Partial<NewWorkspace> = {}) {
    const opened = openWorkspace({ workspaceId: 'wsp_1', browser: true, canvas: false, ...input }, this.now);
    this.state = opened.state;
    this.effects = opened.effects;
  }

  get fence(): number {
    return this.state.fence;
  }

  send(event: LifecycleEvent): this {
    const result = transition(this.state, event, this.now);
    if (!result.ok) throw new Error(`${event.type} was refused: ${result.refusal.reason}`);
    this.state = parseWorkspaceState(JSON.parse(JSON.stringify(result.state)));
    expect(this.state).toEqual(result.state);
    this.effects = result.effects;
    return this;
  }

  refuses(event: LifecycleEvent): RefusalReason | 'accepted' {
    const result = transition(this.state, event, this.now);
    return result.ok ? 'accepted' : result.refusal.reason;
  }

  ask(action: IntentAction): this {
    return this.send({ type: 'intent', generation: this.state.intent.generation + 1, action });
  }

  asking(action: IntentAction): RefusalReason | 'accepted' {
    return this.refuses({ type: 'intent', generation: this.state.intent.generation + 1, action });
  }

  claim(): this {
    return this.send(this.claimEvent());
  }

  claimEvent(): LifecycleEvent {
    const { operation, intent } = this.state;
    if (operation === null) throw new Error('there is nothing to claim');
    return {
      type: 'claim',
      generation: intent.generation,
      operation: operation.number,
      attempt: operation.attempt,
    };
  }

  report(report: Reported, fence = this.fence): this {
    return this.send({ type: 'report', generation: this.state.intent.generation, fence, report });
  }

  ready(component: 'volume' | 'policy'): this {
    return this.report({ name: 'condition', component, status: 'ready', reason: 'mounted', message: '' });
  }

  observe(components: readonly ('runtime' | 'terminal' | 'browser')[], status: 'ready' | 'not-ready' = 'ready'): this {
    return this.send({
      type: 'observed',
      launch: this.state.launch,
      components: components.map((component) => ({ component, status, reason: 'said-so', message: '' })),
    });
  }

  /** A worker that does what it is told, and a runtime that comes up. */
  work(): this {
    const { kind, component } = this.state.operation ?? {};
    this.claim();
    const launches = kind !== undefined && !['stop', 'delete', 'force-delete', 'restart-component'].includes(kind);
    if (launches) this.ready('volume').ready('policy');
    if (component === 'policy') this.ready('policy');
    this.report({ name: 'succeeded' });
    return launches || component === 'runtime' ? this.observe(['runtime', 'terminal', 'browser']) : this;
  }

  tick(afterMs = 0): this {
    this.now += afterMs;
    return this.send({ type: 'tick' });
  }

  /** Lets time pass, deadline by deadline, with nobody at work, until nothing is awaited or `done`. */
  abandon(done: (state: WorkspaceState) => boolean = () => false): this {
    for (let turns = 0; turns < 1_000 && !done(this.state); turns += 1) {
      const due = nextDeadline(this.state);
      if (due === null) return this;
      this.now = Math.max(this.now, due);
      this.tick();
    }
    return this;
  }
}

export const running = (input?: Partial<NewWorkspace>): DrivenWorkspace => new DrivenWorkspace(input).work();
export const stopped = (): DrivenWorkspace => running().ask({ name: 'stop' }).work();

export const inFlight = (workspace: DrivenWorkspace): OperationKind | undefined => workspace.state.operation?.kind;

export const failure = (retryable = true): Extract<WorkerReport, { name: 'failed' }> => ({
  name: 'failed',
  reason: 'engine-unreachable',
  message: 'The engine does not answer.',
  retryable,
});
