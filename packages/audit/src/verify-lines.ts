import { AileronError } from '@aileron/errors';
import type { VerifyingKey } from '@aileron/vault';
import { GENESIS_HASH, type AuditPlace, type Sha256 } from './audit-chain.js';
import { checkpointOf, type AuditCheckpoint } from './audit-checkpoint.js';
import { findFault, type AuditFault } from './audit-fault.js';
import type { AuditLine } from './audit-line.js';
import { readLines } from './line-digests.js';

/**
 * A chain whose writer signs in time never has more unsigned records in a row. Without this limit a forger could take
 * the checkpoints out, hash the rest anew and pass.
 */
export const MAX_UNSIGNED_RECORDS = 4_096;

export interface AuditVerification {
  readonly ok: boolean;
  /** Lines that were verified, checkpoints among them. */
  readonly records: number;
  readonly checkpoints: number;
  /** The highest number that a good checkpoint covers; what is above it is chained but not yet signed. 0 = none. */
  readonly signedThroughSeq: number;
  /** Where the lines end, null when they do not verify. Keep it to verify the next part with `from`. */
  readonly last: AuditPlace | null;
  /** The first record that is wrong. */
  readonly error?: AuditFault;
}

export interface VerifyOptions {
  /** Public keys of the writer, old ones too. Never empty. */
  readonly keys: readonly VerifyingKey[];
  /** A place seen earlier (a checkpoint at a sink): the chain must still go through it. */
  readonly expect?: AuditPlace | undefined;
  /** Where an export that is not from the beginning continues. Without it the first line is number 1. */
  readonly from?: AuditPlace | undefined;
  /** Faster than WebCrypto where the caller has one. */
  readonly sha256?: Sha256 | undefined;
}

/**
 * Verifies lines of one stream, in order, line feeds taken off, rotated files one after another. Constant memory.
 * Throws INVALID_ARGUMENT for options that could not prove anything; whatever the lines hold is an answer.
 */
export async function verifyLines(
  lines: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: VerifyOptions,
): Promise<AuditVerification> {
  const walk = new ChainWalk(options);
  let current: AuditLine | null = null;
  for await (const window of readLines(lines, options.sha256)) {
    for (const line of window) {
      const fault: AuditFault | null = current && (await walk.step(current, line));
      if (fault) return walk.result(fault);
      current = line;
    }
  }
  return walk.result((current && (await walk.step(current, null))) ?? walk.end());
}

class ChainWalk {
  readonly #options: VerifyOptions;
  readonly #recent = new Map<number, string>();
  #before: AuditPlace | null;
  #previous: AuditLine | null = null;
  #records = 0;
  #checkpoints = 0;
  #signed: number;

  constructor(options: VerifyOptions) {
    const { keys, expect, from } = options;
    if (keys.length === 0) throw invalid('keys', 'at least one key of the writer is needed');
    if (expect && from && expect.seq < from.seq) throw invalid('expect', 'lies before the part that is verified');
    this.#options = options;
    this.#before = from ?? null;
    this.#signed = from?.seq ?? 0;
  }

  /** Takes one line; the one after it only helps to name a fault. A promise only where there is a signature to check. */
  step(current: AuditLine, following: AuditLine | null): AuditFault | null | Promise<AuditFault | null> {
    if (current.record?.kind !== 'checkpoint') return this.#accept(current, following, null);
    return checkpointOf(current.record, this.#options.keys).then(
      (checkpoint) => this.#accept(current, following, checkpoint) ?? this.#acceptCheckpoint(current, checkpoint),
    );
  }

  #accept(current: AuditLine, following: AuditLine | null, signed: AuditCheckpoint | null): AuditFault | null {
    const stream = this.#before?.stream ?? this.#options.expect?.stream ?? current.record?.stream ?? '';
    const before = this.#before ?? { stream, seq: 0, hash: GENESIS_HASH };
    const fault = findFault({ before, previous: this.#previous, current, following, signed });
    if (fault) return fault;
    const here = { stream, seq: before.seq + 1, hash: current.hash };
    const found = this.#findHere(current, here);
    if (found) return found;
    this.#recent.set(here.seq, here.hash);
    this.#recent.delete(here.seq - MAX_UNSIGNED_RECORDS);
    this.#before = here;
    this.#previous = current;
    this.#records += 1;
    return null;
  }

  #findHere({ record, id }: AuditLine, { stream, seq, hash }: AuditPlace): AuditFault | null {
    const { expect } = this.#options;
    if (record?.stream !== stream) return { seq, id, reason: 'other-stream' };
    if (expect?.seq === seq && expect.hash !== hash) return { seq, id, reason: 'forked' };
    if (seq - this.#signed > MAX_UNSIGNED_RECORDS) return { seq, id, reason: 'checkpoint-missing' };
    return null;
  }

  #acceptCheckpoint({ seq, id }: AuditLine, checkpoint: AuditCheckpoint | null): AuditFault | null {
    const place = { seq: seq ?? 0, id };
    if (checkpoint === null) return { ...place, reason: 'checkpoint-signature' };
    // One that signs a place before the part that is verified proves nothing here, and is no fault.
    if (checkpoint.seq > (this.#options.from?.seq ?? 0)) {
      if (this.#recent.get(checkpoint.seq) !== checkpoint.hash) return { ...place, reason: 'checkpoint-mismatch' };
      this.#signed = Math.max(this.#signed, checkpoint.seq);
    }
    this.#checkpoints += 1;
    return null;
  }

  /** What only the end of the lines shows. */
  end(): AuditFault | null {
    const { expect } = this.#options;
    const seq = this.#before?.seq ?? 0;
    if (expect && expect.seq > seq) return { seq: seq + 1, id: null, reason: 'truncated' };
    if (this.#records === 0) return { seq: seq + 1, id: null, reason: 'empty' };
    return null;
  }

  result(error: AuditFault | null): AuditVerification {
    return {
      ok: error === null,
      records: this.#records,
      checkpoints: this.#checkpoints,
      signedThroughSeq: this.#signed,
      last: error === null ? this.#before : null,
      ...(error && { error }),
    };
  }
}

const invalid = (field: string, message: string) =>
  new AileronError('INVALID_ARGUMENT', { fields: [{ field, message }] });
