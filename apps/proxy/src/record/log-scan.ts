import { GENESIS_HASH } from '@aileron/audit';
import { toBase64Url } from '@aileron/vault';
import { listLogFiles, readLogLines, type LogFile } from './log-files.js';
import { sha256 } from './sha256.js';

/** An intent that has no outcome yet. */
export interface OpenIntent {
  readonly id: string;
  readonly seq: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/** What a log on disk says about itself. */
export interface LogScan {
  readonly last: { readonly seq: number; readonly hash: string };
  /** The file to go on writing; null when there is none. */
  readonly file: (LogFile & { readonly bytes: number }) | null;
  /** Bytes of a torn last line, which `bytes` leaves out. */
  readonly tornBytes: number;
  readonly openIntents: ReadonlyMap<string, OpenIntent>;
  /** The line that does not follow the one before it; nothing after it was read. */
  readonly brokenAtSeq: number | null;
}

/** The first line of each file after the first: where a reader must begin to see every open intent. */
export const ROTATED_EVENT = 'log.rotated';

/** Reads a stream's end, from the oldest file that may hold an open intent, and checks that each line follows the last. */
export async function scanLog(directory: string): Promise<LogScan> {
  const files = await listLogFiles(directory);
  const walk = new Walk();
  for (const file of files.slice(await firstFileToRead(files))) {
    await walk.read(file);
    if (walk.brokenAtSeq !== null) break;
  }
  return walk;
}

async function firstFileToRead(files: readonly LogFile[]): Promise<number> {
  for (let index = files.length - 1; index > 0; index--) {
    const file = files[index];
    if (file === undefined) break;
    const openFromSeq = await openFromSeqOf(file);
    if (openFromSeq === null) continue;
    const holder = files.findLastIndex((candidate) => candidate.firstSeq <= openFromSeq);
    return Math.max(0, Math.min(holder, index));
  }
  return 0;
}

async function openFromSeqOf({ path }: LogFile): Promise<number | null> {
  for await (const { line, complete } of readLogLines(path)) {
    const detail = complete ? (parse(line)?.['detail'] as Record<string, unknown> | undefined) : undefined;
    return typeof detail?.['openFromSeq'] === 'number' ? detail['openFromSeq'] : null;
  }
  return null;
}

class Walk implements LogScan {
  last = { seq: 0, hash: GENESIS_HASH };
  file: (LogFile & { bytes: number }) | null = null;
  tornBytes = 0;
  openIntents = new Map<string, OpenIntent>();
  brokenAtSeq: number | null = null;
  #started = false;

  async read(file: LogFile): Promise<void> {
    let bytes = 0;
    for await (const { line, offset, complete } of readLogLines(file.path)) {
      if (!complete) {
        this.tornBytes = line.length;
        break;
      }
      if (!this.#take(line, file.firstSeq)) return;
      bytes = offset + line.length + 1;
    }
    this.file = { ...file, bytes };
  }

  #take(line: Uint8Array, firstSeq: number): boolean {
    const record = parse(line);
    const seq = record?.['seq'];
    const follows = this.#started
      ? seq === this.last.seq + 1 && record?.['prev'] === this.last.hash
      : seq === firstSeq && (firstSeq > 1 || record?.['prev'] === GENESIS_HASH);
    if (record === null || typeof seq !== 'number' || !follows) {
      this.brokenAtSeq = this.#started ? this.last.seq + 1 : firstSeq;
      return false;
    }
    this.#started = true;
    this.last = { seq, hash: toBase64Url(sha256(line)) };
    trackIntent(this.openIntents, record);
    return true;
  }
}

/** Keeps the map of intents without outcome as records go by. */
export function trackIntent(open: Map<string, OpenIntent>, record: Readonly<Record<string, unknown>>): void {
  const { kind, id, intentId, seq } = record;
  if (kind === 'intent' && typeof id === 'string' && typeof seq === 'number') open.set(id, { id, seq, record });
  if ((kind === 'outcome' || kind === 'recovered') && typeof intentId === 'string') open.delete(intentId);
}

function parse(line: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
