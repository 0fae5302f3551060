import { afterEach, describe, expect, it } from '@jest/globals';
import type { WorkspaceView } from '@aileron/contracts/workspace';
import { PlayedManager, playedStep, playedWorkspace, type PlayedAttach } from './played-manager.fixture.js';
import { settledWorkspace, type SettleInput } from './settled-workspace.js';

let manager: PlayedManager;
afterEach(() => manager.close());

const changed = (own: Partial<WorkspaceView>) => ({ type: 'changed' as const, workspace: playedWorkspace(own) });

async function settle(attaches: PlayedAttach[], own: Partial<SettleInput> = {}) {
  manager = await PlayedManager.start({ attaches });
  const told: string[] = [];
  const settled = await settledWorkspace({
    client: manager.client,
    intent: playedWorkspace({ generation: 2 }),
    goal: 'running',
    withinMs: 30_000,
    onStep: (line) => told.push(line),
    ...own,
  }).catch((error: unknown) => error);
  return { settled, told };
}

describe('waiting for a workspace', () => {
  it('tells each step as it goes, and ends with the goal of its own generation', async () => {
    const running = { generation: 2, steps: [playedStep(1), playedStep(2, { status: 'running', endedAt: null })] };
    const { settled, told } = await settle([
      {
        events: [
          changed({ generation: 1, phase: 'running' }),
          changed({ generation: 2, steps: [playedStep(1), playedStep(2, { status: 'waiting' })] }),
          changed(running),
          changed(running),
          changed({ generation: 2, phase: 'running', steps: [playedStep(1), playedStep(2)] }),
        ],
        after: 'hold',
      },
    ]);
    expect(settled).toMatchObject({ phase: 'running', generation: 2 });
    expect(told).toEqual(['1/2  Step 1: done, 1.5 s', '2/2  Step 2: …', '2/2  Step 2: done, 1.5 s']);
  });

  it('goes on where it was when the connection is cut', async () => {
    const { settled } = await settle([
      { events: [changed({ generation: 2 })], after: 'cut' },
      { events: [changed({ generation: 2, phase: 'running' })], after: 'hold' },
    ]);
    expect(settled).toMatchObject({ phase: 'running' });
    expect(manager.attached).toEqual([
      '/api/v1/workspaces/wsp_1/events',
      '/api/v1/workspaces/wsp_1/events?epoch=e1&seq=1',
    ]);
  });

  it('says why it failed, and that somebody wants something else by now', async () => {
    const failed = await settle([
      { events: [changed({ generation: 2, phase: 'failed', reason: 'No volume.' })], after: 'hold' },
    ]);
    expect(failed.settled).toMatchObject({ code: 'LAUNCH_FAILED', details: { reason: 'No volume.' } });
    manager.close();
    const overtaken = await settle([{ events: [changed({ generation: 3, phase: 'deleting' })], after: 'hold' }]);
    expect(overtaken.settled).toMatchObject({ code: 'CONFLICT', details: { phase: 'deleting' } });
  });

  it('is removed once its stream says so, or it is not found any more', async () => {
    expect((await settle([{ events: [], after: 'removed' }], { goal: 'removed' })).settled).toBeNull();
    manager.close();
    expect((await settle([], { goal: 'removed' })).settled).toBeNull();
    manager.close();
    expect((await settle([])).settled).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('ends at its deadline', async () => {
    const { settled } = await settle([{ events: [changed({ generation: 2 })], after: 'hold' }], { withinMs: 300 });
    expect(settled).toMatchObject({ code: 'DEADLINE_EXCEEDED', details: { waitedFor: 'running' } });
  });
});
