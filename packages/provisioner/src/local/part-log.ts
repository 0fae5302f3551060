import { open, stat, truncate } from 'node:fs/promises';

const TAIL_BYTES = 65_536;
const MOST_BYTES = 8 << 20;

/** The end of a log, whole lines, at most 64 KiB; empty when there is none. */
export async function readTail(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(TAIL_BYTES), position: from });
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } catch {
    return '';
  }
}

/** A part appends, so a log that grew too long can be emptied under it. */
export async function boundLog(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MOST_BYTES) await truncate(path, 0).catch(() => undefined);
}
