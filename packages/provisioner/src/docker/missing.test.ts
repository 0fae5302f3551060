import { describe, expect, it } from '@jest/globals';
import type { EngineInfo } from './docker-engine.js';
import { unenforceable } from './missing.js';

const SOUND: EngineInfo = {
  OSType: 'linux',
  NCPU: 2,
  SecurityOptions: ['name=apparmor', 'name=seccomp,profile=default'],
  MemoryLimit: true,
  PidsLimit: true,
  CpuCfsQuota: true,
};

describe('an engine', () => {
  it('that can enforce everything is used', () => {
    expect(unenforceable(SOUND)).toBeNull();
  });

  it.each<[Partial<EngineInfo>, RegExp]>([
    [{ OSType: 'windows' }, /Linux/],
    [{ SecurityOptions: null }, /seccomp/],
    [{ SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] }, /maps users/],
    [{ SecurityOptions: ['name=seccomp,profile=default', 'name=userns'] }, /maps users/],
    [{ PidsLimit: false, MemoryLimit: false }, /cannot limit memory, processes/],
    [{ CpuCfsQuota: false }, /cannot limit processors/],
  ])('with %j is not used', (lack, reason) => {
    expect(unenforceable({ ...SOUND, ...lack })).toMatch(reason);
  });
});
