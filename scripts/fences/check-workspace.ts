import { cryptographyAtHome, environmentInConfig, outboundThroughEgress } from './effect-rules.ts';
import {
  appsAreIslands,
  kernelIsPure,
  kernelNodeIsNarrow,
  layersPointDown,
  packagesHaveDoors,
  prismaInRepositories,
} from './import-rules.ts';
import type { Rule } from './rule.ts';
import { filesAreShort, filesHaveNouns, noAny, noBarrels, noEnum } from './style-rules.ts';
import { readWorkspace } from './workspace.ts';

export const RULES: readonly Rule[] = [
  kernelIsPure,
  kernelNodeIsNarrow,
  layersPointDown,
  appsAreIslands,
  packagesHaveDoors,
  prismaInRepositories,
  environmentInConfig,
  cryptographyAtHome,
  outboundThroughEgress,
  filesAreShort,
  noAny,
  noEnum,
  noBarrels,
  filesHaveNouns,
];

export interface Finding {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly what: string;
  readonly why: string;
}

const KINDS = ['kernel', 'kernel-node', 'contract', 'platform', 'app'] as const;

/** Every rule over every file. Throws when there was nothing for a rule to look at: that is not a pass. */
export function checkWorkspace(root: string): { files: number; findings: Finding[] } {
  const { packages, files } = readWorkspace(root);
  if (files.length === 0) throw new Error('no source file was found: nothing was checked');
  for (const kind of KINDS) {
    const found = files.some((file) => file.package.tags.includes(kind));
    if (!found) throw new Error(`no source file of a package tagged ${kind} was found: its fences were not checked`);
  }
  const untagged = packages.find(({ tags }) => tags.length === 0);
  if (untagged) throw new Error(`${untagged.folder}/turbo.json gives no tag: its fences are not known`);
  const findings = files.flatMap((file) =>
    RULES.flatMap((rule) =>
      rule
        .check(file, packages)
        .map((violation) => ({ rule: rule.name, why: rule.why, path: file.path, ...violation })),
    ),
  );
  return { files: files.length, findings };
}
