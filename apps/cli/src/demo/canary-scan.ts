import { createReadStream, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** One place a secret must not be: bytes in memory, or a file or folder read as it lies on disk. */
export type CanaryPlace =
  { readonly name: string; readonly bytes: Uint8Array } | { readonly name: string; readonly path: string };

export interface CanaryHit {
  readonly place: string;
  /** The file inside the place, where it is a folder. */
  readonly file: string | null;
  /** Which secret, by its name, and in which encoding. */
  readonly canary: string;
  readonly form: string;
}

export interface CanaryPattern {
  readonly canary: string;
  readonly form: string;
  readonly bytes: Uint8Array;
}

export interface CanaryReport {
  readonly places: number;
  readonly leaked: number;
  readonly hits: readonly CanaryHit[];
  readonly bytes: number;
}

/**
 * Reads every place whole and looks for each pattern. A place that holds no byte at all is an error of the scan, not a
 * pass: it was not looked at.
 */
export async function scanForCanaries(
  places: readonly CanaryPlace[],
  patterns: readonly CanaryPattern[],
): Promise<CanaryReport> {
  const hits: CanaryHit[] = [];
  let bytes = 0;
  for (const place of places) {
    let placeBytes = 0;
    const report = (file: string | null) => (pattern: CanaryPattern) => {
      hits.push({ place: place.name, file, canary: pattern.canary, form: pattern.form });
    };
    if ('bytes' in place) {
      placeBytes = place.bytes.length;
      search(Buffer.from(place.bytes), patterns, report(null));
    } else {
      for (const file of filesBelow(place.path)) placeBytes += await searchFile(file, patterns, report(file));
    }
    if (placeBytes === 0) throw new Error(`the canary scan found nothing to read in ${place.name}`);
    bytes += placeBytes;
  }
  return { places: places.length, leaked: hits.length, hits, bytes };
}

function search(chunk: Buffer, patterns: readonly CanaryPattern[], hit: (pattern: CanaryPattern) => void): void {
  for (const pattern of patterns)
    if (chunk.includes(Buffer.from(pattern.bytes.buffer, pattern.bytes.byteOffset, pattern.bytes.length))) hit(pattern);
}

const CHUNK_BYTES = 256 << 10;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

async function searchFile(
  file: string,
  patterns: readonly CanaryPattern[],
  hit: (pattern: CanaryPattern) => void,
): Promise<number> {
  // A link's target is text on disk as well; what it points to is scanned where it lies.
  if (lstatSync(file).isSymbolicLink()) {
    const target = Buffer.from(readlinkSync(file));
    search(target, patterns, hit);
    return target.length;
  }
  const overlap = Math.max(...patterns.map((pattern) => pattern.bytes.length)) - 1;
  const found = new Set<CanaryPattern>();
  let tail: Buffer = Buffer.alloc(0);
  let read = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    read += chunk.length;
    // Databases lay out files ahead of use: of a stretch of zeros only its edge can end a pattern.
    const unused = chunk.equals(ZEROS.subarray(0, chunk.length));
    const window = Buffer.concat([tail, unused ? chunk.subarray(0, overlap) : chunk]);
    search(window, patterns, (pattern) => found.add(pattern));
    tail = window.subarray(Math.max(0, window.length - overlap));
  }
  found.forEach(hit);
  return read;
}

/** Every regular file and link below a path, the path itself included; sockets and pipes hold nothing at rest. */
function* filesBelow(path: string): Generator<string> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  if (stat.isDirectory()) for (const name of readdirSync(path).sort()) yield* filesBelow(join(path, name));
  else if (stat.isFile() || stat.isSymbolicLink()) yield path;
}
