import { BOUNDARY_CASES } from './boundary-cases.js';
import { ConformanceRun } from './conformance-run.js';
import type { ConformanceCase, OpenSubject } from './conformance-subject.js';
import { LAUNCH_CASES } from './launch-cases.js';
import { LIFE_CASES } from './life-cases.js';

/** Each provisioner holds to these: `for (const { name, run } of provisionerConformance(open)) it(name, run, 240_000)`. */
export const provisionerConformance = (open: OpenSubject): readonly ConformanceCase[] =>
  [...LAUNCH_CASES, ...LIFE_CASES, ...BOUNDARY_CASES].map(([name, work]) => ConformanceRun.toCase(open, name, work));
