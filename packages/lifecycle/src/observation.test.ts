import { describe, expect, it } from '@jest/globals';
import { DEFAULT_BUDGETS } from './lifecycle-budgets.js';
import { nextDeadline } from './deadline.js';
import { transition } from './transition.js';
import { DrivenWorkspace, failure, inFlight, running, stopped } from './workspace.fixture.js';

const MINUTE = 60_000;

describe('restarting a component', () => {
  it('leaves the workspace running', () => {
    const workspace = running().ask({ name: 'restart-component', component: 'browser' });
    expect(workspace.state).toMatchObject({ phase: 'running', conditions: { browser: { status: 'pending' } } });
    workspace.work().observe(['browser']);
    expect(workspace.state).toMatchObject({ phase: 'running', conditions: { browser: { status: 'ready' } } });
  });

  it('fails the component alone when it does not come back', () => {
    const workspace = running().ask({ name: 'restart-component', component: 'terminal' });
    workspace.claim().report(failure(false));
    expect(workspace.state).toMatchObject({
      phase: 'running',
      operation: null,
      conditions: { terminal: { status: 'failed', reason: 'engine-unreachable' }, runtime: { status: 'ready' } },
    });
  });

  it('gives a restarted runtime a number of its own', () => {
    const workspace = running();
    const { launch } = workspace.state;
    workspace.ask({ name: 'restart-component', component: 'runtime' }).work();
    expect(workspace.state.phase).toBe('running');
    expect(workspace.state.launch).toBeGreaterThan(launch);
  });

  it('applies the policy anew only when it is said to be in force', () => {
    const workspace = running().ask({ name: 'restart-component', component: 'policy' }).claim();
    workspace.report({ name: 'succeeded' });
    expect(workspace.state.operation?.lastFailure?.reason).toBe('policy-not-confirmed');
    workspace.tick(DEFAULT_BUDGETS.backoff.firstMs).work();
    expect(workspace.state).toMatchObject({ operation: null, conditions: { policy: { status: 'ready' } } });
  });

  it('needs the component, a workspace that runs, and nothing else going on', () => {
    const restart = (component: 'canvas' | 'terminal') => ({ name: 'restart-component', component }) as const;
    expect(running().asking(restart('canvas'))).toBe('no-such-component');
    expect(stopped().asking(restart('terminal'))).toBe('phase');
    expect(running().ask(restart('terminal')).asking(restart('terminal'))).toBe('busy');
  });

  it('makes room for a stop', () => {
    const workspace = running().ask({ name: 'restart-component', component: 'terminal' }).claim();
    expect(workspace.ask({ name: 'stop' }).work().state.phase).toBe('stopped');
  });
});

describe('what the runtime reports', () => {
  const observed = (launch: number, component: 'runtime' | 'terminal', message = '') => ({
    type: 'observed' as const,
    launch,
    components: [{ component, status: 'ready' as const, reason: 'up', message }],
  });

  it('cannot start what is stopped, nor speak for another launch', () => {
    const workspace = stopped();
    expect(workspace.refuses(observed(workspace.state.launch, 'runtime'))).toBe('phase');
    const again = stopped().ask({ name: 'start' }).claim();
    expect(again.refuses(observed(again.state.launch, 'runtime'))).toBe('stale-launch');
  });

  it('cannot end a launch that its worker has not ended', () => {
    const workspace = stopped().ask({ name: 'start' }).claim();
    workspace.send(observed(workspace.fence, 'runtime'));
    expect(workspace.state.phase).toBe('restarting');
  });

  it('cannot speak of volume or policy, at length, or in control characters', () => {
    const workspace = running();
    const { launch } = workspace.state;
    const policy = { ...observed(launch, 'runtime').components[0], component: 'policy' };
    const forged = { type: 'observed', launch, components: [policy] } as unknown as ReturnType<typeof observed>;
    expect(workspace.refuses(forged)).toBe('invalid-event');
    expect(workspace.refuses(observed(launch, 'runtime', 'x'.repeat(20_000)))).toBe('invalid-event');
    workspace.send(observed(launch, 'runtime', `\u001b[2J\u202eevil\u0000${'é'.repeat(2_000)}`));
    const message = workspace.state.conditions.runtime?.message ?? '';
    expect(message).toHaveLength(512);
    expect(message).toMatch(/^\[2J evil é+…$/);
  });

  it('that ends is noticed, looked into, and heard again', () => {
    const workspace = running().tick(DEFAULT_BUDGETS.silenceMs);
    expect(workspace.state.conditions.runtime).toMatchObject({ status: 'unknown', reason: 'silent', attempt: 1 });
    expect(workspace.effects).toEqual([{ type: 'inspect', fence: workspace.fence }]);
    expect(workspace.state.phase).toBe('running');
    workspace.observe(['runtime']);
    expect(workspace.state.conditions.runtime).toMatchObject({ status: 'ready', attempt: 0 });
    expect((nextDeadline(workspace.state) ?? 0) - workspace.now).toBe(DEFAULT_BUDGETS.silenceMs);
  });

  it('often writes nothing new', () => {
    const workspace = running();
    workspace.now += 1_000;
    const event = observed(workspace.state.launch, 'runtime');
    workspace.send(event);
    workspace.now += 1_000;
    const again = transition(workspace.state, event, workspace.now);
    expect(again.ok && again.state === workspace.state).toBe(true);
  });

  it('marks a neighbour that never comes up as failed, and the workspace goes on', () => {
    const workspace = stopped().ask({ name: 'start' }).claim().ready('volume').ready('policy');
    workspace.report({ name: 'succeeded' }).observe(['runtime']);
    const { launch } = workspace.state;
    for (let turns = 0; turns < 7; turns += 1) {
      workspace.tick(10_000).send(observed(launch, 'runtime'));
    }
    expect(workspace.state.conditions.terminal).toMatchObject({ status: 'failed', reason: 'not-ready-in-time' });
    workspace.send(observed(launch, 'terminal'));
    expect(workspace.state).toMatchObject({ phase: 'running', conditions: { terminal: { status: 'ready' } } });
  });
});

describe('what the provisioner has', () => {
  const found = (
    workspace: DrivenWorkspace,
    container: 'running' | 'exited' | 'missing',
    volume: 'present' | 'missing' = 'present',
  ) => ({ type: 'found', fence: workspace.fence, container, volume }) as const;

  it('rebuilds a workspace whose container vanished from its volume', () => {
    const workspace = running();
    workspace.send(found(workspace, 'missing'));
    expect([workspace.state.phase, workspace.state.reason]).toEqual(['restarting', 'container-vanished']);
    expect(inFlight(workspace)).toBe('rebuild');
    expect(workspace.work().state.phase).toBe('running');
  });

  it('does not rebuild for ever', () => {
    const workspace = running();
    for (let count = 0; count < DEFAULT_BUDGETS.rebuilds.most; count += 1) {
      workspace.send(found(workspace, 'exited')).work();
    }
    workspace.send(found(workspace, 'exited'));
    expect(workspace.state).toMatchObject({ phase: 'failed', reason: 'crash-loop', operation: null });
    expect(workspace.state.conditions.runtime?.status).toBe('stopped');
    workspace.ask({ name: 'start' }).work();
    workspace.now += 11 * MINUTE;
    expect(inFlight(workspace.send(found(workspace, 'exited')))).toBe('rebuild');
  });

  it('fails a workspace whose volume is gone, rather than give it an empty one', () => {
    const workspace = running();
    workspace.send(found(workspace, 'missing', 'missing'));
    expect(workspace.state).toMatchObject({ phase: 'failed', reason: 'volume-lost', operation: null });
    expect(inFlight(workspace.ask({ name: 'start' }))).toBe('start');
  });

  it('stops what runs though it should not', () => {
    const workspace = stopped();
    workspace.send(found(workspace, 'running'));
    expect([workspace.state.phase, inFlight(workspace)]).toEqual(['stopped', 'stop']);
    expect(workspace.work().state).toMatchObject({ phase: 'stopped', operation: null });
  });

  it('says nothing when it was looked up before the last change', () => {
    const workspace = running();
    const event = found(workspace, 'missing');
    workspace.ask({ name: 'restart' });
    expect(workspace.refuses({ ...event, fence: workspace.fence })).toBe('busy');
    workspace.work();
    expect(workspace.refuses(event)).toBe('stale-fence');
  });
});
