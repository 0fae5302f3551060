import { posix } from 'node:path';
import { anchorsOf, codeIn, localLinks, resolveLink, type MarkdownPage } from './markdown.ts';

export interface DocsFinding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

export interface DocsWorld {
  /** The text of a file; '' for a folder; null for what is not there. */
  readonly read: (path: string) => string | null;
  /** Scripts of package.json. */
  readonly scripts: ReadonlySet<string>;
  /** Commands of the command line with their sub-commands: `approval`, `approval list`. */
  readonly commands: ReadonlySet<string>;
}

/** Links that lead nowhere, and commands and paths that are not there. */
export function checkPages(pages: readonly MarkdownPage[], world: DocsWorld): DocsFinding[] {
  if (pages.length === 0) throw new Error('no page was found: nothing was checked');
  return pages.flatMap((page) => [...checkLinks(page, world), ...checkCode(page, world)]);
}

function checkLinks(page: MarkdownPage, { read }: DocsWorld): DocsFinding[] {
  return localLinks(page).flatMap(({ target, line }) => {
    const { path, anchor } = resolveLink(page, target);
    const text = read(path);
    if (text === null) return [{ path: page.path, line, what: `links to ${target}, which is not there` }];
    if (anchor === null || anchorsOf(text).has(anchor)) return [];
    return [{ path: page.path, line, what: `links to ${target}, which has no such heading` }];
  });
}

function checkCode(page: MarkdownPage, world: DocsWorld): DocsFinding[] {
  return codeIn(page).flatMap(({ target, line }) => {
    const problems = target
      .split('&&')
      .map((command) => checkCommand(command.trim(), page, world))
      .filter((what) => what !== null);
    return problems.map((what) => ({ path: page.path, line, what }));
  });
}

/** Of the door script itself, not of the command line behind it. */
const DOOR = new Set(['test', 'check', 'bench']);

function checkCommand(text: string, page: MarkdownPage, { commands, scripts, read }: DocsWorld): string | null {
  const [program = '', first = '', second = ''] = text.split(/\s+/);
  if (program === './aileron' || program === 'aileron') {
    if (!/^[a-z][a-z-]*$/.test(first) || DOOR.has(first)) return null;
    if (!commands.has(first)) return `names the command \`${program} ${first}\`, which is not there`;
    // One way of a command (`approval list|show`) or an argument (`secret set linear`).
    const nested = [...commands].some((command) => command.startsWith(`${first} `));
    const missing =
      nested && /^[a-z][a-z|-]*$/.test(second)
        ? second.split('|').filter((way) => !commands.has(`${first} ${way}`))
        : [];
    return missing.length === 0 ? null : `names \`${program} ${first} ${missing.join('|')}\`, which is not there`;
  }
  if (program === 'pnpm' && /^[a-z]/.test(first) && !PNPM.has(first) && !scripts.has(first))
    return `names \`pnpm ${first}\`, which is no script`;
  if (!/^(apps|packages|docs|scripts)\/[\w./-]+$/.test(text)) return null;
  // A path is from the root, or from the folder of its page.
  const places = [text, posix.join(posix.dirname(page.path), text)].map((path) => path.replace(/\/$/, ''));
  if (places.every((path) => read(path) === null)) return `names ${text}, which is not there`;
  return null;
}

const PNPM = new Set(['install', 'exec', 'run', 'add', 'build', 'test', 'start']);
