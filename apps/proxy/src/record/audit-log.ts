import { AuditChain, type AuditInput, auditId, type AuditPlace, makeCheckpoint } from '@aileron/audit';
import { AileronError } from '@aileron/errors';
import { type SigningKey } from '@aileron/vault';
import { type Clock, type RandomBytes } from '../ports/clock.port.js';
import { FileTarget } from './file-target.js';
import { GroupCommit, type LogTarget } from './group-commit.js';
import { isoTime } from './iso-time.js';
import { logFile } from './log-files.js';
import { type LogScan, ROTATED_EVENT, scanLog } from './log-scan.js';
import { sha256, sha256Base64Url } from './sha256.js';

export interface AuditLogOptions {
  readonly directory: string;
  readonly stream: string;
  readonly tenantId: string;
  readonly signingKey: SigningKey;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** A file is closed when it would grow past this. */
  readonly maxFileBytes: number;
  /** For tests of a broken disk. */
  readonly openTarget?:
    ((path: string, keepBytes: number) => Promise<LogTarget & { close(): Promise<void> }>) | undefined;
}

/** What a caller gives: id and time are the log's own unless given. */
type Fresh<R> = R extends AuditInput ? Omit<R, 'id' | 'at' | 'tenantId'> & { id?: string } : never;
export type NewRecord = Fresh<Exclude<AuditInput, { kind: 'checkpoint' }>>;

/** A record with its place in the chain. */
export interface AppendedRecord {
  readonly id: string;
  readonly seq: number;
  readonly input: AuditInput;
}

/** After a disk error, the disk is asked again at most this often. */
const REPAIR_EVERY_MS = 1_000;

interface OpenLog {
  readonly chain: AuditChain;
  readonly target: LogTarget & { close(): Promise<void> };
  readonly commit: GroupCommit;
  bytes: number;
}

/**
 * The original of a stream: a hash chain in files. One writer. `append` resolves when the record is in the file, with
 * `durable` when it is on the disk. What the disk refuses is AUDIT_UNAVAILABLE, for this record and for all until the
 * disk takes lines again.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  /** Intents without outcome with their numbers, oldest first. */
  readonly #openIntents: Map<string, number>;
  readonly #listeners = new Set<() => void>();
  #state: OpenLog;
  #repairing: Promise<void> | null = null;
  #triedAt = 0;
  #signedSeq = 0;
  #closed = false;

  private constructor(options: AuditLogOptions, state: OpenLog, scan: LogScan) {
    this.#options = options;
    this.#state = state;
    this.#openIntents = new Map([...scan.openIntents.values()].map(({ id, seq }) => [id, seq]));
  }

  /** Opens a stream and repairs its end: a torn line is cut off, and a record says so. */
  static async open(options: AuditLogOptions, scan: LogScan): Promise<AuditLog> {
    const log = new AuditLog(options, await openFiles(options, scan), scan);
    await log.#recordRepair(scan);
    return log;
  }

  newId(): string {
    return auditId(this.#options.random(10));
  }

  get stream(): string {
    return this.#options.stream;
  }

  get tenantId(): string {
    return this.#options.tenantId;
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** The last number given out. */
  get place(): AuditPlace {
    return this.#state.chain.place;
  }

  /** AUDIT_UNAVAILABLE while the disk refuses. */
  get available(): boolean {
    return !this.#closed && !this.#state.commit.failed;
  }

  /** Calls back after lines were written. */
  onWritten(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async append(record: NewRecord, options: { durable?: boolean } = {}): Promise<AppendedRecord> {
    if (this.#closed) throw new AileronError('AUDIT_UNAVAILABLE', { reason: 'closed' });
    if (this.#state.commit.failed) await this.#repair();
    const { clock, tenantId } = this.#options;
    const at = isoTime(clock.now());
    const input = { ...record, id: record.id ?? this.newId(), at, tenantId } as AuditInput;
    return this.#write(input, options.durable ?? false);
  }

  /** Signs where the chain stands, when something is unsigned. */
  async checkpoint(): Promise<void> {
    const { place } = this;
    if (place.seq === this.#signedSeq || this.#closed) return;
    const { tenantId, signingKey: key, clock } = this.#options;
    const at = new Date(clock.now()).toISOString();
    const record = await makeCheckpoint({ place, tenantId, id: this.newId(), at, key });
    const { seq } = await this.#write(record, true);
    // The signature itself need not be signed, unless other records came before it.
    this.#signedSeq = seq === place.seq + 1 ? seq : place.seq;
  }

  get unsignedRecords(): number {
    return this.place.seq - this.#signedSeq;
  }

  /** A last checkpoint, then the file is closed. Later records are AUDIT_UNAVAILABLE. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.checkpoint().catch(() => undefined);
    this.#closed = true;
    await this.#state.commit.idle();
    await this.#state.target.close();
  }

  /** At once where the disk takes it at once. */
  #write(input: AuditInput, durable: boolean): AppendedRecord | Promise<AppendedRecord> {
    this.#rotateIfFull();
    const { fedLine: line, seq } = this.#state.chain.next(input);
    this.#state.bytes += line.length;
    const record = { id: input.id, seq, input };
    this.#track(record);
    const written = this.#state.commit.write({ line, durable });
    return written === undefined ? this.#tell(record) : this.#whenWritten(written, record);
  }

  #track({ seq, input }: AppendedRecord): void {
    if (input.kind === 'intent') this.#openIntents.set(input.id, seq);
    else if (input.kind === 'outcome' || input.kind === 'recovered') this.#openIntents.delete(input.intentId);
  }

  async #whenWritten(written: Promise<void>, record: AppendedRecord): Promise<AppendedRecord> {
    try {
      await written;
    } catch (cause) {
      if (record.input.kind === 'intent') this.#openIntents.delete(record.input.id);
      throw new AileronError('AUDIT_UNAVAILABLE', {}, { cause });
    }
    return this.#tell(record);
  }

  #tell(record: AppendedRecord): AppendedRecord {
    for (const listener of this.#listeners) listener();
    return record;
  }

  /** Puts the first line of a new file into the queue. */
  #rotateIfFull(): void {
    const { directory, maxFileBytes } = this.#options;
    const state = this.#state;
    if (state.bytes < maxFileBytes) return;
    const seq = state.chain.place.seq + 1;
    const [oldest] = this.#openIntents.values();
    const detail = { openFromSeq: oldest ?? seq };
    const { fedLine: line } = state.chain.next(this.#system(ROTATED_EVENT, detail));
    state.bytes = line.length;
    // Its failure is that of every line after it.
    state.commit.write({ line, durable: false, newFile: logFile(directory, seq).path })?.catch(() => undefined);
  }

  #system(event: string, detail: Record<string, string | number | boolean | null>): AuditInput {
    const { tenantId, clock } = this.#options;
    return { kind: 'system', id: this.newId(), at: new Date(clock.now()).toISOString(), tenantId, event, detail };
  }

  /** Reads the files again and goes on behind their last whole line. Shared by all that wait. */
  async #repair(): Promise<void> {
    const now = this.#options.clock.now();
    if (this.#repairing === null && now - this.#triedAt < REPAIR_EVERY_MS) throw new AileronError('AUDIT_UNAVAILABLE');
    this.#triedAt = now;
    this.#repairing ??= this.#reopen().finally(() => {
      this.#repairing = null;
    });
    try {
      await this.#repairing;
    } catch (cause) {
      throw new AileronError('AUDIT_UNAVAILABLE', {}, { cause });
    }
  }

  async #reopen(): Promise<void> {
    await this.#state.commit.idle();
    await this.#state.target.close().catch(() => undefined);
    const scan = await scanLog(this.#options.directory);
    if (scan.brokenAtSeq !== null) throw new AileronError('AUDIT_CHAIN_BROKEN', { seq: scan.brokenAtSeq });
    this.#state = await openFiles(this.#options, scan);
    await this.#recordRepair(scan);
    await this.#write(this.#system('log.reopened', { afterSeq: scan.last.seq }), true);
  }

  async #recordRepair({ tornBytes, last }: LogScan): Promise<void> {
    if (tornBytes > 0) await this.#write(this.#system('log.tail-repaired', { tornBytes, afterSeq: last.seq }), true);
  }
}

async function openFiles(options: AuditLogOptions, scan: LogScan): Promise<OpenLog> {
  const { directory, stream } = options;
  const file = scan.file ?? { ...logFile(directory, scan.last.seq + 1), bytes: 0 };
  const openTarget = options.openTarget ?? FileTarget.open.bind(FileTarget);
  const target = await openTarget(file.path, file.bytes);
  const chain = new AuditChain({
    stream,
    lastSeq: scan.last.seq,
    lastHash: scan.last.hash,
    sha256,
    digest: sha256Base64Url,
  });
  return { chain, target, commit: new GroupCommit(target), bytes: file.bytes };
}
