import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Where a value is wrong and how, to be read by people: the key that is not known, the closest form of a union. */
export function firstIssue(error: z.ZodError): { readonly path: readonly string[]; readonly message: string } {
  return describe(error.issues[0], []);
}

function describe(issue: Issue | undefined, before: readonly string[]): { path: readonly string[]; message: string } {
  if (issue === undefined) return { path: before, message: 'is not valid' };
  const path = [...before, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys')
    return { path: [...path, ...issue.keys.slice(0, 1)], message: 'is not known here' };
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return { path, message: issue.message };
  const closest = issue.errors.reduce((best, each) => (each.length < best.length ? each : best));
  return describe(closest[0], path);
}
