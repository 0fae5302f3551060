import { AileronError } from '@aileron/errors';
import { toBase64Url } from '@aileron/vault';
import { AuditRecord, MAX_LINE_BYTES, type AuditInput } from './audit-record.js';
import { isSoundRecord } from './sound-record.js';

/** SHA-256 of bytes, 32 bytes. Injected because a chain needs it at once, and WebCrypto only has it later. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** A place in a chain: the line with this number has this digest (base64url). */
export interface AuditPlace {
  readonly stream: string;
  readonly seq: number;
  readonly hash: string;
}

/** What the first record names as its previous line. */
export const GENESIS_HASH = 'A'.repeat(43);

/** One line of the chain, as it goes to the log. */
export interface ChainedLine {
  /** JSON without line feed. */
  readonly line: Uint8Array;
  readonly seq: number;
  /** Digest of `line`, base64url. */
  readonly hash: string;
  readonly record: AuditRecord;
}

const encoder = new TextEncoder();

function encode(record: AuditRecord): Uint8Array {
  try {
    return encoder.encode(JSON.stringify(record));
  } catch (cause) {
    throw new AileronError('AUDIT_UNAVAILABLE', { reason: 'not-json' }, { cause });
  }
}

function checked(record: AuditRecord): AuditRecord {
  if (isSoundRecord(record)) return record;
  const parsed = AuditRecord.safeParse(record);
  if (parsed.success) return parsed.data;
  throw new AileronError('AUDIT_UNAVAILABLE', { reason: 'schema' }, { cause: parsed.error });
}

/**
 * Numbers and links the records of one stream. It has one writer and no I/O: whoever owns the log appends the lines in
 * the order in which `next` gave them, and stops when a line could not be written.
 */
export class AuditChain {
  readonly #stream: string;
  readonly #sha256: Sha256;
  #seq: number;
  #hash: string;

  /** `lastSeq` 0 and `lastHash` GENESIS_HASH begin a stream. */
  constructor(input: { stream: string; lastSeq: number; lastHash: string; sha256: Sha256 }) {
    if ((input.lastSeq === 0) !== (input.lastHash === GENESIS_HASH)) {
      throw new AileronError(
        'INTERNAL',
        {},
        { cause: new TypeError('an audit chain begins at 0 with the genesis hash') },
      );
    }
    this.#stream = input.stream;
    this.#sha256 = input.sha256;
    this.#seq = input.lastSeq;
    this.#hash = input.lastHash;
  }

  /** Where the chain ends now. */
  get place(): AuditPlace {
    return { stream: this.#stream, seq: this.#seq, hash: this.#hash };
  }

  /**
   * The next line. Throws AUDIT_UNAVAILABLE, and stays where it was, for a record that would not verify: one that the
   * schema or the limit of a line refuses.
   */
  next(input: AuditInput): ChainedLine {
    const seq = this.#seq + 1;
    const place = { v: 1, stream: this.#stream, seq, prev: this.#hash } as const;
    // Twice: first in the line, and not for the input to say.
    const record = checked({ ...place, ...input, ...place });
    const line = encode(record);
    if (line.length > MAX_LINE_BYTES) throw new AileronError('AUDIT_UNAVAILABLE', { reason: 'line-too-long' });
    const hash = toBase64Url(this.#sha256(line));
    this.#seq = seq;
    this.#hash = hash;
    return { line, seq, hash, record };
  }
}
