import { describe, expect, it } from '@jest/globals';
import type { CpuProfile } from '../probe/process-probe.js';
import { attributeSamples } from './attribute-samples.js';
import { GARBAGE, NODE } from './pipeline-step.js';

type Node = CpuProfile['nodes'][number];
const node = (id: number, functionName: string, url: string, children: number[] = []): Node => ({
  id,
  callFrame: { functionName, url, scriptId: '1', lineNumber: 9, columnNumber: 0 },
  children,
});

const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 3, 6, 7]),
    node(2, '(idle)', ''),
    node(3, 'onread', 'node:internal/stream', [4]),
    node(4, 'decide', 'file:///x/apps/proxy/dist/decide/decide.js', [5]),
    node(5, 'writev', ''),
    node(6, '(garbage collector)', ''),
    node(7, 'post', 'node:inspector'),
  ],
  startTime: 0,
  endTime: 100,
  samples: [2, 3, 4, 5, 6, 7],
  timeDeltas: [50, 1, 2, 4, 8, 16],
};

describe('the samples of a profile', () => {
  const { busyMicros, steps, functions } = attributeSamples(profile);

  it('belong to the innermost function that is somebody’s', () => {
    expect(Object.fromEntries(steps)).toEqual({ [NODE]: 1, policy: 6, [GARBAGE]: 8 });
  });

  it('leave out rest and the profiler itself', () => {
    expect(busyMicros).toBe(15);
    expect([...functions.keys()].some((name) => name.startsWith('post'))).toBe(false);
  });

  it('name a function by its file in the house', () => {
    expect(functions.get('decide apps/proxy/decide/decide.js:10')).toBe(2);
    expect(functions.get('writev for decide apps/proxy/decide/decide.js:10')).toBe(4);
  });
});
