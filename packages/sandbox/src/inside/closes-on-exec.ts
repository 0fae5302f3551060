import { readFileSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;

/** proc_pid_fdinfo(5). One that is gone by now, as that which listed the folder is, does close. */
export function closesOnExec(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return flags === undefined || (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0;
  } catch {
    return true;
  }
}
