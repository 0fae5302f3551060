import { describe, expect, it } from '@jest/globals';
import { parseWorkspaceState } from './stored-state.js';
import { running } from './workspace.fixture.js';

const stored = (): Record<string, unknown> => JSON.parse(JSON.stringify(running().state));

describe('a stored state', () => {
  it('comes back as it was stored', () => {
    const { state } = running().ask({ name: 'restart' }).claim();
    expect(parseWorkspaceState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it.each([2, 0, '1', null, undefined])('of version %p is refused', (version) => {
    expect(() => parseWorkspaceState({ ...stored(), version })).toThrow(
      expect.objectContaining({ code: 'INTERNAL', details: { reason: 'state-version' } }),
    );
  });

  it.each([
    ['that is none', 17],
    ['with a field that nobody knows', { ...stored(), admin: true }],
    ['with a phase that is none', { ...stored(), phase: 'stopping' }],
    ['being created by nobody', { ...stored(), phase: 'creating' }],
    ['being deleted by nobody', { ...stored(), phase: 'deleting', intent: { generation: 2, want: 'deleted', at: 1 } }],
    ['removed and running', { ...stored(), removed: { at: 1, confirmed: true } }],
    ['launched under a token of the future', { ...stored(), launch: 99 }],
    ['without a condition of its policy', { ...stored(), conditions: {} }],
    ['with a generation that is no number', { ...stored(), intent: { generation: '1', want: 'running', at: 1 } }],
  ])('%s is refused', (_name, value) => {
    expect(() => parseWorkspaceState(value)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
