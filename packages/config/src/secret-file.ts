import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const LARGEST_FILE = 65_536;

/** What a NAME_FILE holds, without a line feed at its end; or why it cannot be used, in words without its path. */
export function readSecretFile(path: string): { readonly text: string } | { readonly problem: string } {
  let file: number | undefined;
  try {
    // A pipe without a writer would hold the start up for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(file).isFile()) return { problem: 'is not a file' };
    const buffer = Buffer.alloc(LARGEST_FILE + 1);
    const bytes = readWhole(file, buffer);
    const text = bytes > LARGEST_FILE ? undefined : buffer.toString('utf8', 0, bytes);
    buffer.fill(0);
    if (text === undefined) return { problem: `the file is larger than ${LARGEST_FILE} bytes` };
    return { text: text.replace(/\r?\n$/, '') };
  } catch {
    return { problem: 'the file cannot be read' };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readWhole(file: number, buffer: Buffer): number {
  let bytes = 0;
  while (bytes < buffer.length) {
    const read = readSync(file, buffer, bytes, buffer.length - bytes, bytes);
    if (read === 0) break;
    bytes += read;
  }
  return bytes;
}
