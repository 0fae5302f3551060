import { describe, expect, it } from '@jest/globals';
import { DEFAULT_BUDGETS } from './lifecycle-budgets.js';
import { nextDeadline } from './deadline.js';
import { transition } from './transition.js';
import { refusalError } from './transition-result.js';
import { DrivenWorkspace, failure, inFlight, running, stopped } from './workspace.fixture.js';

const MINUTE = 60_000;

describe('the life of a workspace', () => {
  it('is created in numbered steps and runs when its runtime says so', () => {
    const workspace = new DrivenWorkspace();
    expect(workspace.effects).toEqual([
      {
        type: 'dispatch',
        job: { workspaceId: 'wsp_1', generation: 1, operation: 1, attempt: 1, kind: 'create', component: null },
      },
    ]);
    workspace.claim().report({ name: 'plan', steps: ['Pull image', 'Make volume', 'Start'] });
    workspace.report({ name: 'step', number: 1, status: 'running', bytes: 10 });
    workspace.now += 500;
    workspace.report({ name: 'step', number: 1, status: 'running', bytes: 4_096 });
    workspace.now += 500;
    workspace
      .report({ name: 'step', number: 1, status: 'done' })
      .report({ name: 'step', number: 2, status: 'skipped' });
    workspace.report({ name: 'step', number: 3, status: 'running' }).ready('volume').ready('policy');
    workspace.report({ name: 'succeeded' });
    expect(workspace.state).toMatchObject({ phase: 'creating', operation: { stage: { name: 'settling' } } });
    workspace.observe(['runtime']);
    expect(workspace.state).toMatchObject({ phase: 'running', reason: 'ready', operation: null, launch: 1 });
    const [pull, make, start] = workspace.state.steps?.list ?? [];
    expect((pull?.endedAt ?? 0) - (pull?.startedAt ?? 0)).toBe(1_000);
    expect(pull).toMatchObject({ number: 1, status: 'done', bytes: 4_096 });
    expect(make).toMatchObject({ status: 'skipped', startedAt: null });
    expect(start).toMatchObject({ status: 'done' });
  });

  it('runs at once when the runtime was quicker than its worker', () => {
    const workspace = new DrivenWorkspace().claim().ready('volume').ready('policy');
    const components = [{ component: 'runtime', status: 'ready', reason: 'up', message: '' }] as const;
    workspace.send({ type: 'observed', launch: workspace.fence, components: [...components] });
    expect(workspace.state.phase).toBe('creating');
    expect(workspace.report({ name: 'succeeded' }).state.phase).toBe('running');
  });

  it('is not started without its volume and its policy', () => {
    const workspace = new DrivenWorkspace().claim().ready('volume').report({ name: 'succeeded' });
    expect(workspace.state.operation).toMatchObject({
      stage: { name: 'waiting' },
      lastFailure: { reason: 'policy-not-confirmed' },
    });
  });

  it('stops, starts and restarts on the same volume, never creating a second time', () => {
    const workspace = stopped();
    expect(workspace.state).toMatchObject({ phase: 'stopped', conditions: { runtime: { status: 'stopped' } } });
    expect(workspace.state.conditions.volume?.status).toBe('ready');
    expect(nextDeadline(workspace.state)).toBeNull();
    workspace.ask({ name: 'start' });
    expect([workspace.state.phase, inFlight(workspace)]).toEqual(['restarting', 'start']);
    workspace.work().ask({ name: 'restart' });
    expect([workspace.state.phase, inFlight(workspace)]).toEqual(['restarting', 'restart']);
    expect(workspace.work().state.phase).toBe('running');
  });

  it('takes a restart of a stopped workspace for a start', () => {
    expect(inFlight(stopped().ask({ name: 'restart' }))).toBe('start');
  });

  it('goes back to creating when it was stopped before it ever ran', () => {
    const workspace = new DrivenWorkspace().claim().ask({ name: 'stop' });
    expect(workspace.effects[0]).toEqual({ type: 'cancel', fence: 1 });
    expect(workspace.work().state.phase).toBe('stopped');
    workspace.ask({ name: 'start' });
    expect([workspace.state.phase, inFlight(workspace)]).toEqual(['creating', 'create']);
  });

  it('is deleted from every phase, with everything', () => {
    const failed = new DrivenWorkspace().claim().report(failure(false)).work();
    const cases = [new DrivenWorkspace(), running(), stopped(), running().ask({ name: 'restart' }), failed];
    for (const workspace of cases) {
      workspace.ask({ name: 'delete', force: false });
      expect(workspace.state.phase).toBe('deleting');
      workspace.work();
      expect(workspace.state.removed).toEqual({ at: workspace.now, confirmed: true });
      expect(workspace.effects).toEqual([{ type: 'forget' }]);
      expect(workspace.asking({ name: 'start' })).toBe('removed');
    }
  });

  it('is deleted by force while a deletion hangs, and hands what it could not remove to the sweep', () => {
    const workspace = running().ask({ name: 'delete', force: false }).claim();
    expect(workspace.asking({ name: 'delete', force: false })).toBe('nothing-to-do');
    workspace.ask({ name: 'delete', force: true });
    const asked = workspace.now;
    workspace.abandon();
    expect(workspace.now - asked).toBeLessThanOrEqual(DEFAULT_BUDGETS.operations['force-delete'].totalMs);
    expect(workspace.state.removed?.confirmed).toBe(false);
    expect(workspace.effects).toEqual([{ type: 'hand-over' }]);
    expect(workspace.send({ type: 'swept' }).effects).toEqual([{ type: 'forget' }]);
    expect(workspace.state.removed?.confirmed).toBe(true);
  });

  it('ends a deletion that nobody carries out', () => {
    const workspace = running().ask({ name: 'delete', force: false });
    const asked = workspace.now;
    workspace.abandon();
    expect(workspace.now - asked).toBe(DEFAULT_BUDGETS.operations.delete.totalMs);
    expect(workspace.state).toMatchObject({ removed: { confirmed: false }, reason: 'not-picked-up' });
  });
});

describe('an operation', () => {
  it('is retried after a growing, bounded while, and fails with its reason', () => {
    const workspace = new DrivenWorkspace();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      workspace.claim().report(failure());
      if (workspace.state.operation?.stage.name !== 'waiting') break;
      waits.push(workspace.state.operation.stage.until - workspace.now);
      workspace.now = workspace.state.operation.stage.until;
      expect(workspace.tick().effects).toMatchObject([{ type: 'dispatch', job: { attempt: attempt + 1 } }]);
    }
    expect(waits).toHaveLength(2);
    expect(waits[1]).toBeGreaterThan(waits[0] ?? Infinity);
    expect(workspace.state).toMatchObject({ phase: 'failed', reason: 'engine-unreachable' });
  });

  it('is not retried when that would end the same way', () => {
    const workspace = new DrivenWorkspace().claim().report(failure(false));
    expect(workspace.state).toMatchObject({ phase: 'failed', reason: 'engine-unreachable' });
  });

  it('that fails after its deadline has failed for what its worker says', () => {
    const workspace = new DrivenWorkspace().claim();
    workspace.now += DEFAULT_BUDGETS.operations.create.totalMs;
    expect(workspace.report(failure()).state).toMatchObject({ phase: 'failed', reason: 'engine-unreachable' });
  });

  it('that failed is cleaned up after: what may run is stopped, and why it failed stays to be read', () => {
    const workspace = new DrivenWorkspace().claim().report({ name: 'plan', steps: ['Pull image'] });
    workspace.report({ name: 'step', number: 1, status: 'running' }).report(failure(false));
    expect(inFlight(workspace)).toBe('stop');
    workspace.work();
    expect(workspace.state).toMatchObject({ phase: 'failed', reason: 'engine-unreachable', operation: null });
    expect(workspace.state.steps?.list).toMatchObject([{ status: 'failed' }]);
    expect(inFlight(workspace.ask({ name: 'start' }))).toBe('create');
  });

  it('is dispatched again when no worker takes it, and given up at its deadline', () => {
    const workspace = new DrivenWorkspace().tick(DEFAULT_BUDGETS.pickUpMs);
    expect(workspace.effects).toMatchObject([{ type: 'dispatch', job: { attempt: 1 } }]);
    workspace.abandon(({ phase }) => phase === 'failed');
    expect(workspace.state.reason).toBe('not-picked-up');
  });

  it('goes on with another worker when the first is not heard of', () => {
    const workspace = new DrivenWorkspace().claim();
    workspace.now += DEFAULT_BUDGETS.leaseMs - 1;
    workspace.report({ name: 'heartbeat' }).tick(DEFAULT_BUDGETS.leaseMs - 1);
    expect(workspace.state.operation?.stage.name).toBe('held');
    workspace.tick(1);
    expect(workspace.state.operation).toMatchObject({
      stage: { name: 'waiting' },
      lastFailure: { reason: 'worker-lost' },
    });
    expect(workspace.effects).toEqual([{ type: 'cancel', fence: 1 }]);
    const late = { type: 'report', generation: 1, fence: 1, report: { name: 'succeeded' } } as const;
    expect(workspace.refuses(late)).toBe('stale-fence');
    workspace.tick(DEFAULT_BUDGETS.backoff.firstMs);
    expect(workspace.claim().fence).toBeGreaterThan(1);
    expect(workspace.refuses(late)).toBe('stale-fence');
  });

  it('is taken away from a worker that is alive and never done', () => {
    const workspace = running().ask({ name: 'stop' }).claim();
    for (let turns = 0; turns < 200 && workspace.state.operation?.stage.name === 'held'; turns += 1) {
      workspace.report({ name: 'heartbeat' }).tick(1_000);
    }
    expect(workspace.state.operation?.lastFailure?.reason).toBe('deadline');
  });

  it('fails when its runtime never says that it is ready', () => {
    const workspace = stopped().ask({ name: 'start' });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      workspace.claim().ready('volume').ready('policy').report({ name: 'succeeded' });
      workspace.abandon(({ operation, phase }) => phase === 'failed' || operation?.stage.name === 'queued');
    }
    expect(workspace.state).toMatchObject({ phase: 'failed', reason: 'runtime-not-ready' });
  });

  it('keeps the container of its own earlier attempt, but of no earlier operation', () => {
    const workspace = stopped().ask({ name: 'start' }).claim();
    const first = workspace.fence;
    workspace
      .tick(DEFAULT_BUDGETS.leaseMs)
      .tick(DEFAULT_BUDGETS.backoff.firstMs)
      .claim()
      .ready('volume')
      .ready('policy');
    const adopt = (launch: number) =>
      ({
        type: 'report',
        generation: workspace.state.intent.generation,
        fence: workspace.fence,
        report: { name: 'succeeded', launch },
      }) as const;
    expect(workspace.refuses(adopt(workspace.state.launch))).toBe('stale-launch');
    expect(workspace.refuses(adopt(workspace.fence + 1))).toBe('stale-launch');
    workspace.send(adopt(first)).observe(['runtime']);
    expect(workspace.state).toMatchObject({ phase: 'running', launch: first });
  });
});

describe('numbers', () => {
  it('let one of two callers change the workspace', () => {
    const workspace = running();
    const stop = { type: 'intent', generation: 2, action: { name: 'stop' } } as const;
    workspace.send(stop);
    expect(workspace.refuses(stop)).toBe('stale-generation');
    expect(workspace.refuses({ ...stop, generation: 9 })).toBe('future-generation');
  });

  it('let one of two deliveries of a job be worked on', () => {
    const workspace = new DrivenWorkspace();
    const claim = workspace.claimEvent();
    workspace.send(claim);
    expect(workspace.refuses(claim)).toBe('not-claimable');
  });

  it('refuse a job and a worker from before the last intent', () => {
    const workspace = new DrivenWorkspace();
    const claim = workspace.claimEvent();
    workspace.claim().ask({ name: 'delete', force: false });
    expect(workspace.refuses(claim)).toBe('stale-generation');
    expect(workspace.refuses({ type: 'report', generation: 1, fence: 1, report: { name: 'succeeded' } })).toBe(
      'stale-generation',
    );
    expect(workspace.refuses({ type: 'report', generation: 2, fence: 1, report: { name: 'succeeded' } })).toBe(
      'stale-fence',
    );
  });

  it('are refused with an error that says who must act', () => {
    expect(refusalError({ reason: 'stale-generation', message: 'm' })).toMatchObject({ code: 'CONFLICT' });
    expect(refusalError({ reason: 'removed', message: 'm' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(refusalError({ reason: 'busy', message: 'm' })).toMatchObject({ code: 'PRECONDITION_FAILED' });
  });
});

describe('a clock that is set', () => {
  it('back by a year does not hold anything up by a year', () => {
    const workspace = new DrivenWorkspace();
    workspace.now -= 365 * 24 * 60 * MINUTE;
    workspace.tick();
    expect((nextDeadline(workspace.state) ?? Infinity) - workspace.now).toBeLessThanOrEqual(DEFAULT_BUDGETS.pickUpMs);
    const begun = workspace.now;
    workspace.abandon(({ phase }) => phase === 'failed');
    expect(workspace.now - begun).toBe(DEFAULT_BUDGETS.operations.create.totalMs);
  });

  it('out of range is refused', () => {
    for (const now of [Number.NaN, -1, 0.5, Infinity, 1e15]) {
      expect(transition(running().state, { type: 'tick' }, now)).toMatchObject({
        ok: false,
        refusal: { reason: 'invalid-clock' },
      });
    }
  });
});
