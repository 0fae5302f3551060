import { interruptCases } from './interrupt-cases.js';
import type { ConformanceSubject } from './conformance-subject.js';
import { outputCases } from './output-cases.js';
import { permissionCases } from './permission-cases.js';
import { recoveryCases } from './recovery-cases.js';
import { turnCases } from './turn-cases.js';

export interface ConformanceCase {
  readonly name: string;
  /** Fails by throwing. Leaves the subject to be disposed. */
  run(subject: ConformanceSubject): Promise<void>;
}

/** What every adapter must do; each case wants a subject of its own. */
export const agentConformance: readonly ConformanceCase[] = [
  ...turnCases,
  ...permissionCases,
  ...interruptCases,
  ...recoveryCases,
  ...outputCases,
];
