import { percentile, spreadOf } from '../measure/percentile.js';
import type { Times } from './workspace-result.js';

export const timesOf = (milliseconds: readonly number[]): Times => ({
  ...spreadOf(milliseconds),
  p95: percentile(milliseconds, 0.95),
});
