import { cpus, loadavg, release, totalmem } from 'node:os';
import type { MachineFacts } from '../measure/bench-result.js';

export function machineFacts(): Omit<MachineFacts, 'loadAfter'> {
  const [first] = cpus();
  return {
    cpu: first?.model ?? '?',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.versions.node,
    loadBefore: loadavg()[0] ?? 0,
  };
}
