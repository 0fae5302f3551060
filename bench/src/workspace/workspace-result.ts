import type { TerminalFigures } from '../terminal/measure-terminal.js';

/** Milliseconds. */
export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export const REST_CALLS = ['list', 'search', 'get', 'patch'] as const;
export type RestCall = (typeof REST_CALLS)[number];

/** A fixed number of requests a second, from when each was due. */
export interface RestFigures {
  /** `bare`: Fastify and one row by its key, from the same Postgres. */
  readonly server: 'bare' | 'manager';
  readonly perSecond: number;
  readonly all: Times;
  readonly calls: Readonly<Partial<Record<RestCall, Times>>>;
}

/** From a request to the answer of the first command. */
export interface StartFigures {
  /** POST of a workspace that is not there, until a command in its terminal has answered. */
  readonly cold: Times;
  /** Of which: the steps that the workspace tells of, by name; medians. */
  readonly steps: Readonly<Record<string, number>>;
  /** POST of a terminal in a workspace that runs, until a command in it has answered. */
  readonly warm: Times;
  /** bubblewrap with namespaces of its own and a shell on a pseudo-terminal, until a command has answered. */
  readonly bare: Times;
}

export interface PageWeight {
  /** What the page loads before it shows anything, gzipped bytes by file. */
  readonly first: readonly { readonly file: string; readonly gzippedBytes: number }[];
  readonly styleGzippedBytes: number;
}

export interface WorkspaceResult {
  readonly workspaces: number;
  readonly start: StartFigures;
  readonly rest: readonly RestFigures[];
  readonly terminals: readonly TerminalFigures[];
  /** Runs of `aileron status`, and of a Node that does nothing. */
  readonly program: { readonly status: Times; readonly bareNode: Times };
  readonly page: PageWeight;
}
