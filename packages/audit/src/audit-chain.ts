import { AileronError } from '@aileron/errors';
import { toBase64Url } from '@aileron/vault';
import { AuditRecord, MAX_LINE_BYTES, type AuditInput } from './audit-record.js';
import { LinePool } from './line-pool.js';
import { isSoundInput, isSoundStream } from './sound-record.js';

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
  /** The same with it, as it is appended to a file. */
  readonly fedLine: Uint8Array;
  readonly seq: number;
  /** Digest of `line`, base64url. */
  readonly hash: string;
  readonly record: AuditRecord;
}

function textOf(value: object): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new AileronError('AUDIT_UNAVAILABLE', { reason: 'not-json' }, { cause });
  }
}

/** What the chain adds to a record. */
type Links = Pick<AuditRecord, 'v' | 'stream' | 'seq' | 'prev'>;

/** What stands before the links in the line, and what after them: for every kind the schema says, for those of calls we. */
function checkedText(input: AuditInput, links: Links): string {
  if (isSoundInput(input) && isSoundStream(links.stream))
    return textOf(links).slice(0, -1) + ',' + textOf(input).slice(1);
  const parsed = AuditRecord.safeParse({ ...input, ...links });
  if (parsed.success) return textOf(parsed.data);
  throw new AileronError('AUDIT_UNAVAILABLE', { reason: 'schema' }, { cause: parsed.error });
}

/**
 * Numbers and links the records of one stream. It has one writer and no I/O: whoever owns the log appends the lines in
 * the order in which `next` gave them, and stops when a line could not be written.
 */
export class AuditChain {
  readonly #stream: string;
  readonly #digest: (line: Uint8Array) => string;
  readonly #pool = new LinePool();
  #seq: number;
  #hash: string;

  /** `lastSeq` 0 and `lastHash` GENESIS_HASH begin a stream. `digest`: SHA-256 as base64url, where a runtime has it so. */
  constructor(input: {
    stream: string;
    lastSeq: number;
    lastHash: string;
    sha256: Sha256;
    digest?: (line: Uint8Array) => string;
  }) {
    if ((input.lastSeq === 0) !== (input.lastHash === GENESIS_HASH)) {
      throw new AileronError(
        'INTERNAL',
        {},
        { cause: new TypeError('an audit chain begins at 0 with the genesis hash') },
      );
    }
    this.#stream = input.stream;
    this.#digest = input.digest ?? ((line) => toBase64Url(input.sha256(line)));
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
    const links: Links = { v: 1, stream: this.#stream, seq, prev: this.#hash };
    const { line, fedLine } = this.#pool.write(checkedText(input, links));
    if (line.length > MAX_LINE_BYTES) throw new AileronError('AUDIT_UNAVAILABLE', { reason: 'line-too-long' });
    const hash = this.#digest(line);
    this.#seq = seq;
    this.#hash = hash;
    return new WrittenLine({ line, fedLine, seq, hash }, { input, links });
  }
}

/** The record is put together for whoever asks for it: a log does not. */
class WrittenLine implements ChainedLine {
  readonly line: Uint8Array;
  readonly fedLine: Uint8Array;
  readonly seq: number;
  readonly hash: string;
  readonly #made: { readonly input: AuditInput; readonly links: Links };

  constructor(
    { line, fedLine, seq, hash }: Omit<ChainedLine, 'record'>,
    made: { readonly input: AuditInput; readonly links: Links },
  ) {
    this.line = line;
    this.fedLine = fedLine;
    this.seq = seq;
    this.hash = hash;
    this.#made = made;
  }

  get record(): AuditRecord {
    return { ...this.#made.input, ...this.#made.links } as AuditRecord;
  }
}
