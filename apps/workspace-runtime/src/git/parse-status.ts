/** One changed file of `git status --porcelain=v2 -z`. */
export interface ChangedFile {
  readonly path: string;
  /** Where it was before it was renamed or copied. */
  readonly previousPath: string | null;
  /** One letter each, `.` for unchanged, `?` for not tracked, `U` for a conflict. */
  readonly index: string;
  readonly worktree: string;
}

export interface StatusReading {
  readonly branch: string | null;
  readonly ahead: number;
  readonly behind: number;
  readonly files: readonly ChangedFile[];
  readonly truncated: boolean;
}

const MOST_FILES = 5_000;

/** Reads the NUL separated output; see git-status(1), Porcelain Format Version 2. */
export function parseStatus(output: string): StatusReading {
  const fields = output.split('\0');
  const files: ChangedFile[] = [];
  let [branch, ahead, behind]: [string | null, number, number] = [null, 0, 0];
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? '';
    if (field.startsWith('# branch.head ')) branch = field === '# branch.head (detached)' ? null : field.slice(14);
    const counts = /^# branch\.ab \+(\d+) -(\d+)$/.exec(field);
    if (counts) [ahead, behind] = [Number(counts[1]), Number(counts[2])];
    const renamed = field.startsWith('2 ');
    const file = changedFile(field, renamed ? (fields[at + 1] ?? null) : null);
    if (renamed) at += 1;
    if (file === null) continue;
    if (files.length === MOST_FILES) return { branch, ahead, behind, files, truncated: true };
    files.push(file);
  }
  return { branch, ahead, behind, files, truncated: false };
}

/** Fields before the path, by the kind of line. */
const FIELDS_BEFORE_PATH = new Map([
  ['1', 8],
  ['2', 9],
  ['u', 10],
]);

function changedFile(field: string, previousPath: string | null): ChangedFile | null {
  if (field.startsWith('? ')) return { path: field.slice(2), previousPath: null, index: '?', worktree: '?' };
  const before = FIELDS_BEFORE_PATH.get(field.charAt(0));
  if (before === undefined || field.charAt(1) !== ' ') return null;
  const path = field.split(' ').slice(before).join(' ');
  const [index = '.', worktree = '.'] = field.slice(2, 4);
  return { path, previousPath, index, worktree };
}
