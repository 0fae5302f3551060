import { setImmediate as nextTurn } from 'node:timers/promises';
import { AileronError } from '@aileron/errors';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@aileron/service-host';
import { writeCursor } from './audit-cursor.js';
import { type AuditFilter, AuditRepository, type StreamHead, type StreamKey } from './audit.repository.js';
import { readShippedLine, type ShippedLine } from './shipped-line.js';

const MOST_LINES = 2_000;
const LINES_A_TURN = 64;
const MOST_BYTES = 16 * 1_024 * 1_024;
const EXPORT_PAGE = 500;
const MOST_STREAMS = 1_000;

/** Keeps what proxies record, as they recorded it. The proxy's own log is the original. */
@Injectable()
export class AuditService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(AuditRepository) private readonly audit: AuditRepository,
  ) {}

  /**
   * Appends lines of a stream: those known already are ignored, a gap or a line that does not name its predecessor is
   * AUDIT_CHAIN_BROKEN and nothing of the call is stored.
   * @returns the highest number stored
   */
  async ship(input: StreamKey & { lines: readonly Uint8Array[] }): Promise<number> {
    const { tenantId, streamId, lines } = input;
    if (!/^[0-9A-Za-z_-]{1,64}$/.test(streamId)) throw invalidField('stream_id');
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    if (lines.length > MOST_LINES || bytes > MOST_BYTES) throw new AileronError('PAYLOAD_TOO_LARGE');
    const key = { tenantId, streamId };
    const shipped = await readShippedLines(key, lines);
    const now = new Date(this.clock.now());
    // What comes next, as it nearly always does. Whatever else it is, is looked at with the stream's end locked.
    const [first, ...rest] = shipped;
    if (first !== undefined && follows(shipped) && (await this.audit.appendNext(key, now, [first, ...rest]))) {
      return first.seq + rest.length;
    }
    const head = await this.audit.append(key, now, (present) => continuation(streamId, shipped, present));
    return head.acknowledgedSeq;
  }

  /** Newest first, with the cursor of the page after. */
  async query(filter: AuditFilter): Promise<{ lines: Uint8Array[]; next: string | null }> {
    const rows = await this.audit.query({ ...filter, limit: filter.limit + 1 });
    const page = rows.slice(0, filter.limit);
    const last = page.at(-1);
    return {
      lines: page.map((row) => row.line),
      next: rows.length > page.length && last !== undefined ? writeCursor(last) : null,
    };
  }

  /** The lines of a stream as the proxy wrote them, in order, each with its line feed. NOT_FOUND when there is none. */
  async *exportStream(key: StreamKey): AsyncGenerator<Uint8Array> {
    let page = await this.audit.page(key, { afterSeq: 0, limit: EXPORT_PAGE });
    if (page.length === 0) throw new AileronError('NOT_FOUND', { stream: key.streamId });
    while (page.length > 0) {
      yield Buffer.concat(page.flatMap(({ line }) => [line, LINE_FEED]));
      page = await this.audit.page(key, { afterSeq: page.at(-1)!.seq, limit: EXPORT_PAGE });
    }
  }

  async listStreams(tenantId: string) {
    const streams = await this.audit.listStreams(tenantId, MOST_STREAMS);
    return Promise.all(
      streams.map(async (stream) => {
        return { ...stream, records: await this.audit.countLines({ tenantId, streamId: stream.streamId }) };
      }),
    );
  }

  countRecords(tenantId: string): Promise<number> {
    return this.audit.countLines({ tenantId });
  }
}

/** A few at a time: whoever shares the thread has his turn between them. */
async function readShippedLines(key: StreamKey, lines: readonly Uint8Array[]): Promise<ShippedLine[]> {
  const shipped: ShippedLine[] = [];
  for (const line of lines) {
    if (shipped.length > 0 && shipped.length % LINES_A_TURN === 0) await nextTurn();
    shipped.push(readShippedLine({ ...key, line }));
  }
  return shipped;
}

const LINE_FEED = new Uint8Array([0x0a]);

/** Whether each line names the one before it. */
const follows = (lines: readonly ShippedLine[]): boolean =>
  lines.every(({ seq, prev }, index) => {
    const before = lines[index - 1];
    return before === undefined || (seq === before.seq + 1 && prev === before.hash);
  });

/** The lines after the head, each the successor of the one before. */
function continuation(streamId: string, shipped: readonly ShippedLine[], head: StreamHead): ShippedLine[] {
  let seq = head.acknowledgedSeq;
  let hash = Buffer.from(head.lastHash).toString('base64url');
  return shipped
    .filter((line) => line.seq > head.acknowledgedSeq)
    .map((line) => {
      const reason = line.seq !== seq + 1 ? 'gap' : line.prev !== hash ? 'prev' : null;
      if (reason !== null) throw new AileronError('AUDIT_CHAIN_BROKEN', { stream: streamId, seq: line.seq, reason });
      seq = line.seq;
      hash = line.hash;
      return line;
    });
}

function invalidField(field: string): AileronError {
  return new AileronError('INVALID_ARGUMENT', { fields: [{ field, message: 'is not valid' }] });
}
