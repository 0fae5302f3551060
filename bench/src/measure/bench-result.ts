import type { MicroFigure } from '../micro/micro-figure.js';
import type { CallProfile } from '../profile/call-profile.js';
import type { ContestantResult, Failure, Measurement } from './measurement.js';
import type { GeneratorCheck } from './generator-check.js';
import type { WorkspaceResult } from '../workspace/workspace-result.js';

export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly loadBefore: number;
  readonly loadAfter: number;
}

/** Everything that one run found, as it is kept. */
export interface BenchResult {
  readonly at: string;
  readonly commit: string;
  readonly short: boolean;
  readonly seed: number;
  readonly rounds: number;
  readonly machine: MachineFacts;
  readonly contestants: readonly ContestantResult[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly measurements: readonly Measurement[];
  readonly failures: readonly Failure[];
  readonly generatorCheck: GeneratorCheck | null;
  readonly micro: readonly MicroFigure[];
  readonly profiles: readonly CallProfile[];
  /** Null where it was left out or broke off. */
  readonly workspace: WorkspaceResult | null;
}
