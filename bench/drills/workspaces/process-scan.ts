import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export interface WorkspaceProcess {
  readonly pid: number;
  readonly workspaceId: string;
  readonly command: string;
  /** One of our own parts; else something that runs in the boundary, or makes it. */
  readonly part: 'runtime' | 'terminal' | null;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const mountSpace = (pid: number | 'self'): string => {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return '';
  }
};

/**
 * Every process that works for a workspace whose files are below `<root>/w`: that says so in its arguments or environment, or that has
 * a part of it mounted where we have not, as everything in a sandbox or a container has.
 */
export function workspaceProcesses(root: string): WorkspaceProcess[] {
  const own = mountSpace('self');
  const marker = new RegExp(`${basename(root)}/w/(wsp_[0-9A-Za-z_-]+)`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      if (pid === process.pid) return [];
      const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
      if (command === '') return [];
      const isElsewhere = mountSpace(pid) !== own;
      const said = `${command} ${read(`/proc/${pid}/environ`)} ${isElsewhere ? read(`/proc/${pid}/mountinfo`) : ''}`;
      const workspaceId = marker.exec(said)?.[1];
      if (workspaceId === undefined) return [];
      return [{ pid, workspaceId, command: command.slice(0, 160), part: partOf(command) }];
    });
}

/** SIGKILL; it may have ended by itself in between. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone.
  }
}

function partOf(command: string): WorkspaceProcess['part'] {
  const part = /workspace-(runtime|terminal)\/dist\/main\.js/.exec(command)?.[1];
  return part === 'runtime' || part === 'terminal' ? part : null;
}
