import type { DocsFinding } from './check-pages.ts';

/** Each code of the table is on the page once, and the page has no other. */
export function checkErrors(page: string | null, codes: readonly string[], path: string): DocsFinding[] {
  if (codes.length === 0) throw new Error('the error table is empty: nothing was checked');
  const rows = (page ?? '').split('\n').flatMap((text, i) => {
    const code = /^\| `([A-Z][A-Z0-9_]*)` \|/.exec(text)?.[1];
    return code === undefined ? [] : [{ code, line: i + 1 }];
  });
  const missing = codes.filter((code) => !rows.some((row) => row.code === code));
  const unknown = rows.filter(({ code }, i) => !codes.includes(code) || rows.findIndex((row) => row.code === code) < i);
  return [
    ...missing.map((code) => ({ path, line: 1, what: `does not document ${code}` })),
    ...unknown.map(({ code, line }) => ({
      path,
      line,
      what: `documents ${code}, which is not in the table, or twice`,
    })),
  ];
}
