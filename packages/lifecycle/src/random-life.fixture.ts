import { isDeepStrictEqual } from 'node:util';
import { DEFAULT_BUDGETS as BUDGETS } from './lifecycle-budgets.js';
import { nextDeadline } from './deadline.js';
import type { IntentAction, LifecycleEvent } from './lifecycle-event.js';
import { isLaunching, launchesRuntime } from './operation.js';
import { openWorkspace } from './open-workspace.js';
import { parseWorkspaceState } from './stored-state.js';
import { transition } from './transition.js';
import type { LifecycleEffect } from './transition-result.js';
import type { Phase, WorkspaceState } from './workspace-state.js';

export const EVENT_KINDS = [
  'tick',
  'due',
  'claim',
  'confirm',
  'progress',
  'succeeded',
  'failed',
  'observed',
  'found',
  'swept',
  'intent',
  'replay',
  'work',
] as const;

export interface RandomEvent {
  readonly kind: (typeof EVENT_KINDS)[number];
  readonly pick: number;
  readonly skew: number;
  readonly passMs: number;
}

const ACTIONS: readonly IntentAction[] = [
  { name: 'start' },
  { name: 'start' },
  { name: 'stop' },
  { name: 'restart' },
  { name: 'restart-component', component: 'terminal' },
  { name: 'restart-component', component: 'runtime' },
  { name: 'restart-component', component: 'policy' },
  { name: 'restart-component', component: 'canvas' },
  { name: 'stop' },
  { name: 'restart' },
  { name: 'start' },
  { name: 'delete', force: false },
  { name: 'delete', force: true },
];

/** The edges between phases, by what may move along them. */
const EDGES: Readonly<Record<LifecycleEvent['type'], readonly `${Phase}>${Phase}`[]>> = {
  intent: [
    'stopped>restarting',
    'stopped>creating',
    'failed>restarting',
    'failed>creating',
    'running>restarting',
    'creating>deleting',
    'running>deleting',
    'stopped>deleting',
    'restarting>deleting',
    'failed>deleting',
  ],
  tick: ['creating>failed', 'restarting>failed', 'running>failed', 'stopped>failed'],
  claim: [],
  report: [
    'creating>running',
    'restarting>running',
    'creating>stopped',
    'restarting>stopped',
    'running>stopped',
    'failed>stopped',
    'creating>failed',
    'restarting>failed',
    'running>failed',
    'stopped>failed',
  ],
  observed: ['creating>running', 'restarting>running'],
  found: ['running>restarting', 'running>failed', 'stopped>failed'],
  swept: [],
};

const pickOf = <T>(all: readonly T[], index: number): T => all[index % all.length] as T;

/** A workspace among late, doubled, forged and lost messages, with every invariant looked at after each of them. */
export class RandomLife {
  state: WorkspaceState;
  now = Date.parse('2026-11-21T08:00:00Z');
  accepted = 0;
  refused = 0;
  #stored: string;
  readonly #past: LifecycleEvent[] = [];
  readonly #tokens = new Set<number>();

  constructor() {
    this.state = openWorkspace({ workspaceId: 'wsp_random', browser: true, canvas: false }, this.now).state;
    this.#stored = JSON.stringify(this.state);
  }

  play(random: RandomEvent): void {
    this.now = Math.max(0, this.now + random.passMs);
    if (random.kind === 'work') return this.workOn();
    if (random.kind === 'due') this.now = Math.max(this.now, nextDeadline(this.state) ?? 0);
    const event = this.#eventOf(random);
    this.#past.push(event);
    this.act(event);
  }

  /** One event, and everything that must hold after it; `store`: through storage as well. */
  act(event: LifecycleEvent, store = true): void {
    const before = this.state;
    const result = transition(before, event, this.now);
    must(JSON.stringify(before) === this.#stored, 'the state before is left as it was');
    if (!result.ok) {
      this.refused += 1;
      return;
    }
    this.accepted += 1;
    const after = result.state;
    checkAcceptance(before, event);
    checkEdge(before, event, after);
    checkDeadlines(after, this.now);
    checkEffects(before, after, result.effects);
    must(after.fence >= before.fence && after.operations >= before.operations, 'numbers only grow');
    if (event.type === 'claim') this.#noteToken(after.fence);
    if (after !== before) this.#keep(after, store);
  }

  #keep(after: WorkspaceState, store: boolean): void {
    this.state = after;
    this.#stored = JSON.stringify(after);
    if (!store) return;
    this.state = parseWorkspaceState(JSON.parse(this.#stored));
    must(isDeepStrictEqual(this.state, after), 'the state survives storage');
    this.#stored = JSON.stringify(this.state);
  }

  #noteToken(fence: number): void {
    must(!this.#tokens.has(fence), 'a token is given out once');
    this.#tokens.add(fence);
  }

  /** A good worker and a good runtime, until nothing is left to do. */
  workOn(): void {
    for (let turns = 0; turns < 50 && this.state.operation !== null; turns += 1) {
      const { operation } = this.state;
      switch (operation.stage.name) {
        case 'queued':
          this.act(this.#claim(0));
          break;
        case 'held':
          if (launchesRuntime(operation) || operation.component === 'policy') {
            this.act(this.#report({ ...CONFIRMED, component: 'volume' }, 0));
            this.act(this.#report({ ...CONFIRMED, component: 'policy' }, 0));
          }
          this.act(this.#report({ name: 'succeeded' }, 0));
          break;
        case 'settling':
          this.act(this.#observed(0, 0));
          break;
        case 'waiting':
          this.now = Math.max(this.now, operation.stage.until);
          this.act({ type: 'tick' });
      }
    }
  }

  #eventOf({ kind, pick, skew }: RandomEvent): LifecycleEvent {
    switch (kind) {
      case 'claim':
        return this.#claim(skew);
      case 'confirm':
        return this.#report({ ...CONFIRMED, component: pickOf(['volume', 'policy', 'canvas'] as const, pick) }, skew);
      case 'progress':
        return this.#report(pickOf(PROGRESS, pick), skew);
      case 'succeeded':
        return this.#report(pick % 4 === 0 ? { name: 'succeeded', launch: 1 + pick } : { name: 'succeeded' }, skew);
      case 'failed':
        return this.#report({ name: 'failed', reason: 'broken', message: '\u0000oh', retryable: pick % 3 > 0 }, skew);
      case 'observed':
        return this.#observed(pick, skew);
      case 'found': {
        const container = pickOf(['running', 'exited', 'missing'] as const, pick);
        const volume = pick % 5 === 0 ? 'missing' : 'present';
        return { type: 'found', fence: Math.max(0, this.state.fence + skew), container, volume };
      }
      case 'swept':
        return { type: 'swept' };
      case 'intent':
        return {
          type: 'intent',
          generation: Math.max(1, this.state.intent.generation + 1 + skew),
          action: pickOf(ACTIONS, pick),
        };
      case 'replay':
        return this.#past.length === 0 ? { type: 'tick' } : pickOf(this.#past, pick);
      default:
        return { type: 'tick' };
    }
  }

  #claim(skew: number): LifecycleEvent {
    const { operation, intent, operations } = this.state;
    return {
      type: 'claim',
      generation: intent.generation,
      operation: Math.max(1, operations + skew),
      attempt: operation?.attempt ?? 1,
    };
  }

  #report(report: Extract<LifecycleEvent, { type: 'report' }>['report'], skew: number): LifecycleEvent {
    const { intent, fence } = this.state;
    const generation = Math.max(1, intent.generation + Math.min(skew, 0));
    return { type: 'report', generation, fence: Math.max(1, fence + skew), report };
  }

  #observed(pick: number, skew: number): LifecycleEvent {
    const { operation, fence, launch } = this.state;
    const present = operation?.stage.name === 'held' && launchesRuntime(operation) ? fence : launch;
    const status = pick % 4 === 3 ? 'not-ready' : 'ready';
    const reported = (['runtime', 'terminal', 'browser', 'canvas'] as const).slice(0, 1 + (pick % 4));
    const components = reported.map((component) => ({ component, status, reason: 'seen', message: '' }) as const);
    return { type: 'observed', launch: Math.max(1, present + skew), components };
  }
}

const CONFIRMED = { name: 'condition', status: 'ready', reason: 'mounted', message: '' } as const;

const PROGRESS = [
  { name: 'heartbeat' },
  { name: 'plan', steps: ['Pull image', 'Start'] },
  { name: 'step', number: 1, status: 'running', bytes: 7 },
  { name: 'step', number: 1, status: 'done' },
  { name: 'step', number: 2, status: 'failed' },
  { name: 'step', number: 9, status: 'done' },
] as const satisfies readonly Extract<LifecycleEvent, { type: 'report' }>['report'][];

function must(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`broken: ${rule}`);
}

/** Nothing of an older generation, token, operation or launch was accepted. */
function checkAcceptance(before: WorkspaceState, event: LifecycleEvent): void {
  const { operation, intent, fence } = before;
  const stage = operation?.stage;
  const present = {
    tick: () => true,
    swept: () => before.removed !== null,
    intent: (of: EventOf<'intent'>) => of.generation === intent.generation + 1,
    claim: (of: EventOf<'claim'>) =>
      of.generation === intent.generation &&
      of.operation === operation?.number &&
      of.attempt === operation.attempt &&
      stage?.name === 'queued',
    report: (of: EventOf<'report'>) =>
      of.generation === intent.generation && stage?.name === 'held' && of.fence === stage.fence && of.fence === fence,
    observed: (of: EventOf<'observed'>) =>
      of.launch === (stage?.name === 'held' && launchesRuntime(operation!) ? fence : before.launch),
    found: (of: EventOf<'found'>) => of.fence === fence && operation === null,
  }[event.type] as (of: LifecycleEvent) => boolean;
  must(present(event), `only what is of the present counts (${event.type})`);
}

type EventOf<Type> = Extract<LifecycleEvent, { type: Type }>;

function checkEdge(before: WorkspaceState, event: LifecycleEvent, after: WorkspaceState): void {
  const edge = `${before.phase}>${after.phase}` as const;
  must(before.phase === after.phase || EDGES[event.type].includes(edge), `${event.type} does not lead along ${edge}`);
  must(before.removed === null || after.phase === 'deleting', 'what was removed stays removed');
  must(!before.created || (after.created && after.operation?.kind !== 'create'), 'what ran is not created again');
  if (before.phase === 'running' || after.phase !== 'running') return;
  must(before.operation !== null && isLaunching(before.operation), 'only a launch leads to running');
  const needed = (['runtime', 'volume', 'policy'] as const).every((name) => after.conditions[name]?.status === 'ready');
  must(needed, 'nothing runs that was not confirmed');
}

/** Something is awaited whenever something goes on, and it is not further off than its budget. */
function checkDeadlines(after: WorkspaceState, now: number): void {
  const next = nextDeadline(after);
  const { operation } = after;
  if (operation === null) {
    must(!['creating', 'restarting'].includes(after.phase), 'a phase that passes has an operation');
    must(after.phase !== 'running' || next !== null, 'a runtime is listened for');
  } else {
    must(next !== null && next <= operation.deadline, 'what goes on is awaited');
    must(operation.deadline - now <= BUDGETS.operations[operation.kind].totalMs, 'an operation keeps to its budget');
  }
  must(
    next === null || next - now <= BUDGETS.operations.create.attemptMs,
    'no deadline is further off than its budget',
  );
}

function checkEffects(before: WorkspaceState, after: WorkspaceState, effects: readonly LifecycleEffect[]): void {
  for (const effect of effects) must(isTrue(effect, after), `the effect ${effect.type} fits the state`);
  const begun = after.operation !== null && after.operation.number !== before.operation?.number;
  must(!begun || effects.some(({ type }) => type === 'dispatch'), 'an operation is dispatched');
}

function isTrue(effect: LifecycleEffect, { operation, intent, fence, removed }: WorkspaceState): boolean {
  switch (effect.type) {
    case 'dispatch': {
      const { job } = effect;
      const same =
        operation?.number === job.operation && operation.attempt === job.attempt && operation.kind === job.kind;
      return same && operation.stage.name === 'queued' && job.generation === intent.generation;
    }
    case 'cancel':
      return effect.fence < fence;
    case 'inspect':
      return effect.fence === fence;
    case 'forget':
      return removed?.confirmed === true;
    case 'hand-over':
      return removed?.confirmed === false;
  }
}
