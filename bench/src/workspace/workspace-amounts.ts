import type { TerminalAmounts } from '../terminal/measure-terminal.js';

/** How much of everything one run of the workspace plane holds. */
export interface WorkspaceAmounts {
  readonly coldStarts: number;
  readonly warmStarts: number;
  readonly workspaces: number;
  readonly restPerSecond: number;
  readonly restWarmUpSeconds: number;
  readonly restSeconds: number;
  readonly terminal: TerminalAmounts;
  readonly programStarts: number;
}

export const FULL_WORKSPACE: WorkspaceAmounts = {
  coldStarts: 10,
  warmStarts: 30,
  workspaces: 2_000,
  restPerSecond: 200,
  restWarmUpSeconds: 10,
  restSeconds: 20,
  terminal: { megabytes: 50, rounds: 3, keys: 300 },
  programStarts: 20,
};

export const SHORT_WORKSPACE: WorkspaceAmounts = {
  coldStarts: 1,
  warmStarts: 1,
  workspaces: 50,
  restPerSecond: 50,
  restWarmUpSeconds: 0.2,
  restSeconds: 1,
  terminal: { megabytes: 2, rounds: 1, keys: 20 },
  programStarts: 1,
};
