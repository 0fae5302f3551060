import { readFileSync, readdirSync } from 'node:fs';

/**
 * The environments of a process and all its descendants, as the kernel holds them now: proc(5) environ, NUL separated.
 * A process that ends meanwhile is passed over.
 */
export function environmentsOf(pid: number): Uint8Array {
  const parts: Buffer[] = [];
  for (const descendant of withDescendants(pid)) {
    try {
      parts.push(readFileSync(`/proc/${descendant}/environ`));
    } catch {
      // gone, or not ours to read
    }
  }
  return Buffer.concat(parts);
}

function withDescendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  for (let queue = [root]; queue.length > 0 && found.length < 10_000;) {
    const pid = queue.shift() as number;
    found.push(pid);
    queue = [...queue, ...(children.get(pid) ?? [])];
  }
  return found;
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
