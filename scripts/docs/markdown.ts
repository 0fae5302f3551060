import { posix } from 'node:path';

export interface MarkdownPage {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
}

export interface MarkdownLink {
  readonly target: string;
  readonly line: number;
}

/** Links to places in this repository, without those in code. */
export function localLinks({ text }: MarkdownPage): MarkdownLink[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, blank).replaceAll(/`[^`\n]*`/g, blank);
  return [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)]
    .map((match) => ({ target: match[1] ?? '', line: lineOf(prose, match.index) }))
    .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/** Text of code spans and lines of code blocks, comments taken off. */
export function codeIn({ text }: MarkdownPage): MarkdownLink[] {
  const found: MarkdownLink[] = [];
  for (const match of text.matchAll(/```(?:sh|bash|console)?\n([\s\S]*?)```|`([^`\n]+)`/g)) {
    const line = lineOf(text, match.index);
    if (match[2] !== undefined) found.push({ target: match[2], line });
    else
      match[1]
        ?.split('\n')
        .forEach((code, i) => found.push({ target: code.replace(/\s#.*$/, ''), line: line + 1 + i }));
  }
  return found;
}

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(text: string): Set<string> {
  const headings = text.replaceAll(/```[\s\S]*?```/g, blank).matchAll(/^#{1,6}\s+(.+)$/gm);
  return new Set(Array.from(headings, (match) => anchorOf(match[1] ?? '')));
}

const anchorOf = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

/** What a link of a page points to: a path from the root, and an anchor in it. */
export function resolveLink(page: MarkdownPage, target: string): { path: string; anchor: string | null } {
  const [file = '', anchor = null] = target.split('#');
  const path =
    file === '' ? page.path : posix.normalize(posix.join(posix.dirname(page.path), decodeURIComponent(file)));
  return { path: path.replace(/\/$/, ''), anchor };
}

/** The same length and lines, nothing to match. */
const blank = (text: string) => text.replaceAll(/[^\n]/g, ' ');
const lineOf = (text: string, index: number) => text.slice(0, index).split('\n').length;
