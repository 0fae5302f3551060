import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));
const BEGIN = {
  calls: '<!-- written by pnpm bench --publish -->',
  workspace: '<!-- of the workspace plane, written by pnpm bench --publish -->',
};
const END = '<!-- end -->';

/** Puts the tables into the page that is committed, in place of the last ones. What people wrote around them stays. */
export function publishReport(report: string, section: keyof typeof BEGIN): string {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, replaceBetween(page, report, section));
  return PAGE;
}

/** @throws Error when the page has no place for it */
export function replaceBetween(page: string, report: string, section: keyof typeof BEGIN = 'calls'): string {
  const [before, rest] = splitOnce(page, BEGIN[section]);
  const [, after] = splitOnce(rest, END);
  return `${before}${BEGIN[section]}\n\n${report}\n\n${END}${after}`;
}

function splitOnce(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at === -1) throw new Error(`the page lacks ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
