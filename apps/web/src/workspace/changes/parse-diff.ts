export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added' | 'note';
  readonly text: string;
  /** Line numbers before and after; null where the line is not. */
  readonly before: number | null;
  readonly after: number | null;
}

export interface DiffHunk {
  /** What git writes after the second `@@`: where it is. */
  readonly heading: string;
  readonly lines: readonly DiffLine[];
}

export interface DiffFile {
  readonly path: string;
  readonly previousPath: string | null;
  readonly binary: boolean;
  readonly hunks: readonly DiffHunk[];
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/u;

/** A patch of git, file by file. What is no patch gives nothing. */
export function parseDiff(patch: string): readonly DiffFile[] {
  const starts = [...patch.matchAll(/^diff --git .*$/gmu)].map(({ index }) => index);
  return starts.map((start, index) => parseFile(patch.slice(start, starts[index + 1]).split('\n')));
}

function parseFile(lines: readonly string[]): DiffFile {
  const body = lines.findIndex((line) => line.startsWith('@@ '));
  const head = body === -1 ? lines : lines.slice(0, body);
  const value = (prefix: string) => head.find((line) => line.startsWith(prefix))?.slice(prefix.length);
  const [before, after] = [pathOf(value('--- ')), pathOf(value('+++ '))];
  const [from, to] = [unquote(value('rename from ')), unquote(value('rename to '))];
  const path = to ?? after ?? before ?? headerPath(lines[0] ?? '');
  return {
    path,
    previousPath: from !== null && from !== path ? from : null,
    binary: head.some((line) => line.startsWith('Binary files ') || line.startsWith('GIT binary patch')),
    hunks: body === -1 ? [] : hunksOf(lines.slice(body)),
  };
}

/** `a/x` or `b/x` without the letter; null for /dev/null. */
function pathOf(value: string | undefined): string | null {
  const path = unquote(value?.replace(/\t$/u, ''));
  return path === null || path === '/dev/null' ? null : path.replace(/^[ab]\//u, '');
}

/** `diff --git a/x b/x`: of a file without content. */
function headerPath(line: string): string {
  const rest = line.slice('diff --git '.length);
  return rest
    .slice(Math.ceil(rest.length / 2))
    .replace(/^"?b\//u, '')
    .replace(/"$/u, '');
}

/** Git puts names with special characters into quotes, their bytes in octal. */
function unquote(value: string | undefined): string | null {
  if (value === undefined) return null;
  if (!value.startsWith('"')) return value;
  const plain: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, '"': 34, '\\': 92 };
  const bytes: number[] = [];
  for (const [part, octal, letter] of value.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gu)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (letter !== undefined) bytes.push(plain[letter] ?? 63);
    else bytes.push(...new TextEncoder().encode(part));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

function hunksOf(lines: readonly string[]): DiffHunk[] {
  const hunks: { heading: string; lines: DiffLine[] }[] = [];
  let [before, after] = [0, 0];
  for (const line of lines) {
    const head = HUNK.exec(line);
    if (head !== null) {
      [before, after] = [Number(head[1]), Number(head[2])];
      hunks.push({ heading: head[3] ?? '', lines: [] });
      continue;
    }
    const parsed = lineOf(line, before, after);
    if (parsed === null) continue;
    hunks.at(-1)?.lines.push(parsed);
    if (parsed.before !== null) before += 1;
    if (parsed.after !== null) after += 1;
  }
  return hunks;
}

function lineOf(line: string, before: number, after: number): DiffLine | null {
  const text = line.slice(1);
  switch (line[0]) {
    case ' ':
      return { kind: 'same', text, before, after };
    case '-':
      return { kind: 'removed', text, before, after: null };
    case '+':
      return { kind: 'added', text, before: null, after };
    case '\\':
      return { kind: 'note', text: text.trim(), before: null, after: null };
    default:
      return null;
  }
}

/** The hunks that an agent's edit tells, in the same form. */
export function hunksOfEdit(
  hunks: readonly { readonly oldStart: number; readonly newStart: number; readonly lines: readonly string[] }[],
): readonly DiffHunk[] {
  return hunks.flatMap(({ oldStart, newStart, lines }) => hunksOf([`@@ -${oldStart} +${newStart} @@`, ...lines]));
}

export type SplitRow = readonly [DiffLine | null, DiffLine | null];

/** The lines of a hunk side by side: what was removed beside what was added for it. */
export function splitRows(lines: readonly DiffLine[]): readonly SplitRow[] {
  const rows: SplitRow[] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = () => {
    for (let i = 0; i < Math.max(removed.length, added.length); i += 1)
      rows.push([removed[i] ?? null, added[i] ?? null]);
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === 'removed') {
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.kind === 'added') added.push(line);
    else {
      flush();
      rows.push([line, line]);
    }
  }
  flush();
  return rows;
}

export function countChanges(hunks: readonly DiffHunk[]): { readonly added: number; readonly removed: number } {
  const lines = hunks.flatMap((hunk) => hunk.lines);
  return {
    added: lines.filter(({ kind }) => kind === 'added').length,
    removed: lines.filter(({ kind }) => kind === 'removed').length,
  };
}
