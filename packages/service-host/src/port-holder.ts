import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Who listens on a TCP port of this machine, as `name (pid)`, from proc(5); undefined when it cannot be told. */
export function portHolder(port: number): string | undefined {
  try {
    const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(file, port));
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (holds(pid, inodes)) return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (${pid})`;
    }
  } catch {
    // No proc here, or not ours to read.
  }
  return undefined;
}

const LISTEN = '0A';

function listeningInodes(file: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(`:${hexPort}`) && columns[3] === LISTEN)
    .map((columns) => `socket:[${columns[9]}]`);
}

function holds(pid: string, inodes: readonly string[]): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.includes(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}
