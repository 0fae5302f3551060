import { AuditRecord, MAX_LINE_BYTES } from './audit-record.js';
import { isSoundRecord } from './sound-record.js';

/** One line as verification sees it. What cannot be read keeps the parts that can, so that a fault can be named. */
export interface AuditLine {
  readonly hash: string;
  readonly record: AuditRecord | null;
  readonly id: string | null;
  readonly seq: number | null;
  readonly prev: string | null;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a line. It counts only in the one form its writer gives it: a doubled key, a space or another spelling of a
 * number would let two readers see two records in the same bytes.
 */
export function readLine(bytes: Uint8Array, hash: string): AuditLine {
  const value = parseExact(bytes);
  const record = value === null ? null : recordOf(value);
  if (record === null) return { hash, record, ...partsOf(value) };
  const { id, seq, prev } = record;
  return { hash, record, id, seq, prev };
}

function recordOf(value: object): AuditRecord | null {
  if (isSoundRecord(value as AuditRecord)) return value as AuditRecord;
  return AuditRecord.safeParse(value).data ?? null;
}

function parseExact(bytes: Uint8Array): object | null {
  if (bytes.length > MAX_LINE_BYTES) return null;
  try {
    const text = decoder.decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && JSON.stringify(value) === text ? value : null;
  } catch {
    return null;
  }
}

function partsOf(value: object | null): Pick<AuditLine, 'id' | 'seq' | 'prev'> {
  const parts = (value ?? {}) as Record<string, unknown>;
  return {
    id: typeof parts['id'] === 'string' ? parts['id'].slice(0, 64) : null,
    seq: typeof parts['seq'] === 'number' ? parts['seq'] : null,
    prev: typeof parts['prev'] === 'string' ? parts['prev'] : null,
  };
}

/**
 * Whole lines of chunks of bytes (one file or several after another), line feeds taken off. A line that is longer than
 * any record comes out cut, and so does not verify; memory stays bounded.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      yield join(rest, chunk.subarray(start, end));
      rest = new Uint8Array(0);
      start = end + 1;
    }
    rest = join(rest, chunk.subarray(start)).slice(0, MAX_LINE_BYTES + 1);
  }
  if (rest.length > 0) yield rest;
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
