import { AileronError } from '@aileron/errors';
import { parseStatus, type StatusReading } from './parse-status.js';
import { type GitPlace, runGit } from './run-git.js';

/** What git says of every error of its own. */
const NOT_A_REPOSITORY = 128;
const LARGEST_STATUS_BYTES = 4 << 20;
const LARGEST_PATCH_BYTES = 2 << 20;

export interface GitStatus extends StatusReading {
  /** Whether the project is a repository. */
  readonly repository: boolean;
}

export interface GitPatch {
  readonly patch: Buffer;
  readonly truncated: boolean;
}

const NO_REPOSITORY: GitStatus = { repository: false, branch: null, ahead: 0, behind: 0, files: [], truncated: false };

/** What changed in the project's repository. */
export class ProjectGit {
  constructor(private readonly place: GitPlace) {}

  async status(signal: AbortSignal): Promise<GitStatus> {
    const args = ['status', '--porcelain=v2', '--branch', '--untracked-files=all', '--ignore-submodules=all', '-z'];
    const { code, stdout, truncated } = await runGit(this.place, args, {
      limitBytes: LARGEST_STATUS_BYTES,
      signal,
    });
    if (code === NOT_A_REPOSITORY) return NO_REPOSITORY;
    if (code !== 0) throw new AileronError('INTERNAL', {}, { cause: new Error(`git status ended with ${code}`) });
    const text = stdout.toString('utf8');
    const whole = truncated ? text.slice(0, text.lastIndexOf('\0') + 1) : text;
    const reading = parseStatus(whole);
    return { repository: true, ...reading, truncated: reading.truncated || truncated };
  }

  /** A unified diff of the tracked files, of one path or all; staged: what the next commit would hold. */
  async diff(
    { path, staged }: { readonly path: string; readonly staged: boolean },
    signal: AbortSignal,
  ): Promise<GitPatch> {
    const args = ['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--find-renames', '--ignore-submodules=all'];
    const scope = [...(staged ? ['--cached'] : []), '--', ...(path === '' ? [] : [`:(top,literal)${path}`])];
    const { stdout, truncated } = await runGit(this.place, [...args, ...scope], {
      limitBytes: LARGEST_PATCH_BYTES,
      signal,
    });
    return { patch: stdout, truncated };
  }
}
