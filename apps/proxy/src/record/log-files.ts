import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_LINE_BYTES } from '@aileron/audit';

const CHUNK_BYTES = 1_048_576;
const FILE_NAME = /^(\d{12})\.jsonl$/;

/** One file of a stream: it begins with the line that has the number in its name. */
export interface LogFile {
  readonly path: string;
  readonly firstSeq: number;
}

export const logFile = (directory: string, firstSeq: number): LogFile => ({
  path: join(directory, `${String(firstSeq).padStart(12, '0')}.jsonl`),
  firstSeq,
});

/** The files of a stream in their order. */
export async function listLogFiles(directory: string): Promise<LogFile[]> {
  const numbers = (await readdir(directory)).flatMap((name) => FILE_NAME.exec(name)?.[1] ?? []);
  return numbers.map((digits) => logFile(directory, Number(digits))).toSorted((a, b) => a.firstSeq - b.firstSeq);
}

/** A line and where it begins in its file. `complete` = its line feed is there; only the last one of a file can lack it. */
export interface PlacedLine {
  readonly line: Uint8Array;
  readonly offset: number;
  readonly complete: boolean;
}

/** The lines of a piece of a file whose line feeds are there, without them. */
export function wholeLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

/**
 * The lines of one file from an offset on. Memory is bounded: something without a line feed that is longer than any
 * record comes out as one incomplete line, and reading ends there.
 */
export async function* readLogLines(path: string, fromOffset = 0): AsyncGenerator<PlacedLine> {
  await using handle = await open(path, 'r');
  let rest = Buffer.alloc(0);
  let offset = fromOffset;
  for (let position = fromOffset; ;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a, start)) {
      yield { line: rest.subarray(start, end), offset: offset + start, complete: true };
      start = end + 1;
    }
    rest = rest.subarray(start);
    offset += start;
    if (rest.length > MAX_LINE_BYTES) break;
  }
  if (rest.length > 0) yield { line: rest, offset, complete: false };
}
