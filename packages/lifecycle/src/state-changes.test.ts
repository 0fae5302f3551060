import { describe, expect, it } from '@jest/globals';
import { changesBetween } from './state-changes.js';
import { DrivenWorkspace, running } from './workspace.fixture.js';

const kinds = (workspace: DrivenWorkspace, act: (workspace: DrivenWorkspace) => unknown): string[] => {
  const before = workspace.state;
  act(workspace);
  return changesBetween(before, workspace.state).map(({ kind }) => kind);
};

describe('what people are told of a transition', () => {
  it('is everything when a workspace is opened', () => {
    const told = changesBetween(null, new DrivenWorkspace({ browser: false }).state);
    expect(told.map(({ kind }) => kind)).toEqual(['intent', 'phase', 'operation', ...Array(4).fill('condition')]);
  });

  it('is each step as it goes on', () => {
    const workspace = new DrivenWorkspace().claim();
    expect(kinds(workspace, () => workspace.report({ name: 'plan', steps: ['Pull image', 'Start'] }))).toEqual([
      'plan',
    ]);
    expect(kinds(workspace, () => workspace.report({ name: 'step', number: 2, status: 'running' }))).toEqual(['step']);
    expect(kinds(workspace, () => workspace.report({ name: 'step', number: 2, status: 'running' }))).toEqual([]);
  });

  it('is not the breathing of worker and runtime', () => {
    const workspace = new DrivenWorkspace().claim();
    workspace.now += 1_000;
    expect(kinds(workspace, () => workspace.report({ name: 'heartbeat' }))).toEqual([]);
    const ready = running();
    ready.observe(['runtime', 'terminal', 'browser']);
    ready.now += 20_000;
    expect(kinds(ready, () => ready.observe(['runtime']))).toEqual([]);
  });

  it('names the phase with its reason, and the removal', () => {
    const workspace = running().ask({ name: 'delete', force: false }).claim();
    const before = workspace.state;
    workspace.report({ name: 'succeeded' });
    expect(changesBetween(before, workspace.state)).toMatchObject([
      { kind: 'phase', from: 'deleting', to: 'deleting', reason: 'removed' },
      { kind: 'operation', operation: null },
      { kind: 'removed', confirmed: true },
    ]);
  });
});
