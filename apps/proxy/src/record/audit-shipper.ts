import { open } from 'node:fs/promises';
import { AileronError } from '@aileron/errors';
import { type AuditSink } from '../ports/audit-sink.port.js';
import { type AuditLog } from './audit-log.js';
import { listLogFiles, wholeLines } from './log-files.js';

/** Each batch costs both sides about as much as a hundred of its lines. */
const MAX_BATCH_LINES = 500;
const MAX_BATCH_BYTES = 1_048_576;
const CALL_DEADLINE_MS = 10_000;
/** Lines are sent at most this much later than they are written. */
const GATHER_MS = 100;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 15_000;

const nobodyWaits = (): void => undefined;

/** What an operator must hear of. */
export type ShipperWarning = (event: string, detail: Record<string, unknown>) => void;

/**
 * Sends the log on, in order, from where the other side says it is. It reads from the files, so that it needs the same
 * little memory however far it has fallen behind, and it never drops a line: what is not acknowledged is sent again.
 */
export class AuditShipper {
  readonly #log: AuditLog;
  readonly #sink: AuditSink;
  readonly #warn: ShipperWarning;
  readonly #stop = new AbortController();
  readonly #buffer = Buffer.allocUnsafeSlow(MAX_BATCH_BYTES);
  #wake: () => void = nobodyWaits;
  #acknowledged: number | null = null;
  #cursor: { readonly path: string; readonly offset: number; readonly nextSeq: number } | null = null;
  #running: Promise<void> | null = null;

  constructor(input: { log: AuditLog; sink: AuditSink; warn: ShipperWarning }) {
    this.#log = input.log;
    this.#sink = input.sink;
    this.#warn = input.warn;
  }

  /** The highest number that the other side has; null until it was asked. */
  get acknowledgedSeq(): number | null {
    return this.#acknowledged;
  }

  start(): void {
    this.#log.onWritten(() => this.#wake());
    this.#running ??= this.#run();
  }

  /** Sends what is left, for at most this long. */
  async stop(withinMs: number): Promise<void> {
    if (this.#running === null) return;
    const deadline = setTimeout(() => {
      this.#stop.abort();
      this.#endPause();
    }, withinMs);
    this.#draining = true;
    this.#wake();
    this.#endPause();
    await this.#running;
    clearTimeout(deadline);
  }

  #draining = false;
  #endPause: () => void = () => undefined;

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#stop.signal.aborted) {
      try {
        const woken = this.#whenWritten();
        const batch = await this.#shipBatch();
        pauseMs = FIRST_PAUSE_MS;
        if (batch === 'none') {
          if (this.#draining) return;
          await woken;
        }
        // Many lines cost the other side little more than one.
        if (batch !== 'more' && !this.#draining) await this.#pause(GATHER_MS);
      } catch (error) {
        if (this.#draining) return;
        const { code } = AileronError.from(error);
        this.#warn('audit.ship-failed', { code, acknowledgedSeq: this.#acknowledged });
        this.#acknowledged = null;
        this.#cursor = null;
        await this.#pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  /** What went; `more`: and this was not all that there was when it began. */
  async #shipBatch(): Promise<'none' | 'some' | 'more'> {
    const { seq } = this.#log.place;
    this.#acknowledged ??= await this.#ship([]);
    if (this.#acknowledged > this.#log.place.seq) {
      // The log lost lines that were sent: somebody put an older copy of it back.
      throw new AileronError('AUDIT_CHAIN_BROKEN', { seq: this.#log.place.seq, acknowledgedSeq: this.#acknowledged });
    }
    const { lines, next } = await this.#readBatch(this.#acknowledged + 1);
    if (lines.length === 0) return 'none';
    const acknowledged = await this.#ship(lines);
    if (acknowledged !== this.#acknowledged + lines.length) this.#cursor = null;
    else this.#cursor = next;
    this.#acknowledged = acknowledged;
    return acknowledged < seq ? 'more' : 'some';
  }

  async #ship(lines: readonly Uint8Array[]): Promise<number> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(CALL_DEADLINE_MS)]);
    const { tenantId, stream: streamId } = this.#log;
    return (await this.#sink.ship({ tenantId, streamId, lines, signal })).acknowledgedSeq;
  }

  /** The lines are in a buffer that the next batch uses again: they were sent by then. */
  async #readBatch(fromSeq: number) {
    const start = await this.#startAt(fromSeq);
    const lines: Uint8Array[] = [];
    let [offset, seq] = [start.offset, start.nextSeq];
    await using handle = await open(start.path, 'r');
    // Once, unless the other side is behind where this file was read last.
    for (let at = -1; at < offset && seq <= fromSeq;) {
      at = offset;
      const { bytesRead } = await handle.read(this.#buffer, 0, MAX_BATCH_BYTES, offset);
      for (const line of wholeLines(this.#buffer.subarray(0, bytesRead))) {
        if (lines.length >= MAX_BATCH_LINES) break;
        if (seq >= fromSeq) lines.push(line);
        offset += line.length + 1;
        seq += 1;
      }
    }
    return { lines, next: { path: start.path, offset, nextSeq: seq } };
  }

  /** Goes to the next file when the present one has no more. */
  async #startAt(fromSeq: number) {
    const files = await listLogFiles(this.#log.directory);
    const file = files.findLast(({ firstSeq }) => firstSeq <= fromSeq);
    if (file === undefined) throw new AileronError('AUDIT_CHAIN_BROKEN', { seq: fromSeq });
    const cursor = this.#cursor;
    if (cursor?.path === file.path && cursor.nextSeq === fromSeq) return cursor;
    return { path: file.path, offset: 0, nextSeq: file.firstSeq };
  }

  #whenWritten(): Promise<void> {
    return new Promise((resolve) => {
      // Every line that is written calls it: only the first of them has somebody to wake.
      this.#wake = () => {
        this.#wake = nobodyWaits;
        resolve();
      };
    });
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
