import { toBase64Url } from '@aileron/vault';
import type { Sha256 } from './audit-chain.js';
import { readLine, type AuditLine } from './audit-line.js';

/** Lines in memory at a time. WebCrypto costs a hop to another thread, which a window shares. */
const WINDOW_LINES = 256;

/** Reads and digests lines in their order, a window at a time. */
export async function* readLines(
  lines: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  sha256: Sha256 | undefined,
): AsyncGenerator<readonly AuditLine[]> {
  let window: Uint8Array[] = [];
  for await (const line of lines) {
    window.push(line);
    if (window.length < WINDOW_LINES) continue;
    yield await readWindow(window, sha256);
    window = [];
  }
  if (window.length > 0) yield await readWindow(window, sha256);
}

async function readWindow(window: readonly Uint8Array[], sha256: Sha256 | undefined): Promise<readonly AuditLine[]> {
  const digests = sha256
    ? window.map(sha256)
    : await Promise.all(window.map((line) => globalThis.crypto.subtle.digest('SHA-256', new Uint8Array(line))));
  return window.map((line, i) => readLine(line, toBase64Url(new Uint8Array(digests[i] ?? new ArrayBuffer(0)))));
}
