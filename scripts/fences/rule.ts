import type { SourceFile, WorkspacePackage } from './workspace.ts';

export interface Violation {
  readonly line: number;
  readonly what: string;
}

export interface Rule {
  readonly name: string;
  /** A sentence for whoever broke it. */
  readonly why: string;
  check(file: SourceFile, packages: readonly WorkspacePackage[]): readonly Violation[];
}

export const hasTag = (file: SourceFile, ...tags: readonly string[]) =>
  tags.some((tag) => file.package.tags.includes(tag));
export const isBelow = (file: SourceFile, ...folders: readonly string[]) =>
  folders.some((folder) => file.path.startsWith(`${folder}/`));

/** Runs in the sandbox, on the agent's side: its environment is its only input, and the session's socket its only way out. */
export const isInsideSandbox = (file: SourceFile) =>
  isBelow(file, 'packages/sandbox/src/inside') || /^packages\/agents\/src\/.*\.program\.mts$/.test(file.path);
