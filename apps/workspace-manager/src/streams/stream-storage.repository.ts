import type { BaseChange, StoredPage, StoredRange, StreamPosition, StreamStorage } from '@aileron/event-log';
import type { WorkspaceDatabaseClient } from '@aileron/database/workspace';

interface HeadRow {
  readonly epoch: string;
  readonly base_seq: string;
  readonly last_seq: string;
  readonly snapshot: Uint8Array | null;
  readonly entries: readonly Uint8Array[] | null;
}

/**
 * Numbered streams in Postgres. Each method is one statement, so head and entries are of one moment, and a writer is
 * alone on the row of the stream's head.
 */
export class PostgresStreamStorage implements StreamStorage {
  constructor(
    private readonly run: WorkspaceDatabaseClient['run'],
    private readonly tenantId: string,
  ) {}

  async read(stream: string, range: StoredRange, signal: AbortSignal): Promise<StoredPage | null> {
    signal.throwIfAborted();
    const after = Math.min(range.after, Number.MAX_SAFE_INTEGER);
    const [row] = await this.run<HeadRow>({
      name: 'stream-read',
      text: READ,
      values: [this.tenantId, stream, after, range.maxEntries, range.maxBytes],
    });
    if (row === undefined) return null;
    const head = { epoch: row.epoch, baseSeq: Number(row.base_seq), lastSeq: Number(row.last_seq) };
    return { head, snapshot: range.after < head.baseSeq ? row.snapshot : null, entries: row.entries ?? [] };
  }

  async append(
    stream: string,
    at: StreamPosition,
    entries: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<boolean> {
    signal.throwIfAborted();
    const rows = await this.run({
      name: 'stream-append',
      text: APPEND,
      values: [this.tenantId, stream, at.epoch, at.seq, entries],
    });
    return rows.length === 1;
  }

  async rebase(
    stream: string,
    from: { readonly epoch: string; readonly baseSeq: number } | null,
    to: BaseChange | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    signal.throwIfAborted();
    if (from === null) return to !== null && this.#create(stream, to);
    const place = [this.tenantId, stream, from.epoch, from.baseSeq];
    if (to === null) return this.#did({ name: 'stream-remove', text: REMOVE, values: place });
    if (to.base === 'kept') return this.#did({ name: 'stream-epoch', text: NEW_EPOCH, values: [...place, to.epoch] });
    const { seq, snapshot } = to.base;
    return this.#did({ name: 'stream-rebase', text: REBASE, values: [...place, to.epoch, seq, snapshot] });
  }

  async #create(stream: string, { epoch, base }: BaseChange): Promise<boolean> {
    const { seq, snapshot } = base === 'kept' ? { seq: 0, snapshot: null } : base;
    if (seq !== 0) return false;
    return this.#did({ name: 'stream-create', text: CREATE, values: [this.tenantId, stream, epoch, snapshot] });
  }

  async #did(statement: Parameters<WorkspaceDatabaseClient['run']>[0]): Promise<boolean> {
    return (await this.run(statement)).length === 1;
  }
}

/** The entries of a page: as many as fit, and the first one whatever its size. */
const READ = `
  SELECT s.epoch, s.base_seq, s.last_seq, CASE WHEN $3::bigint < s.base_seq THEN s.snapshot END AS snapshot,
    (SELECT array_agg(page.entry ORDER BY page.seq) FROM (
      SELECT e.seq, e.entry, sum(octet_length(e.entry)) OVER (ORDER BY e.seq) AS size,
        row_number() OVER (ORDER BY e.seq) AS place
      FROM (
        SELECT seq, entry FROM workspace.event_entry
        WHERE tenant_id = $1 AND stream = $2 AND seq > greatest($3::bigint, s.base_seq)
        ORDER BY seq LIMIT $4::int
      ) e
    ) page WHERE page.place = 1 OR page.size <= $5::bigint) AS entries
  FROM workspace.event_stream s WHERE s.tenant_id = $1 AND s.stream = $2`;

const APPEND = `
  WITH head AS (
    UPDATE workspace.event_stream SET last_seq = last_seq + cardinality($5::bytea[])
    WHERE tenant_id = $1 AND stream = $2 AND epoch = $3 AND last_seq = $4::bigint RETURNING 1
  ), added AS (
    INSERT INTO workspace.event_entry (tenant_id, stream, seq, entry)
    SELECT $1, $2, $4::bigint + place, entry FROM head, unnest($5::bytea[]) WITH ORDINALITY AS given (entry, place)
  )
  SELECT 1 FROM head`;

const CREATE = `
  INSERT INTO workspace.event_stream (tenant_id, stream, epoch, base_seq, last_seq, snapshot)
  VALUES ($1, $2, $3, 0, 0, $4) ON CONFLICT DO NOTHING RETURNING 1`;

const REMOVE = `
  DELETE FROM workspace.event_stream
  WHERE tenant_id = $1 AND stream = $2 AND epoch = $3 AND base_seq = $4::bigint RETURNING 1`;

const NEW_EPOCH = `
  UPDATE workspace.event_stream SET epoch = $5
  WHERE tenant_id = $1 AND stream = $2 AND epoch = $3 AND base_seq = $4::bigint RETURNING 1`;

const REBASE = `
  WITH head AS (
    UPDATE workspace.event_stream SET epoch = $5, base_seq = $6::bigint, snapshot = $7
    WHERE tenant_id = $1 AND stream = $2 AND epoch = $3 AND base_seq = $4::bigint
      AND $6::bigint BETWEEN base_seq AND last_seq RETURNING 1
  ), folded AS (
    DELETE FROM workspace.event_entry
    WHERE tenant_id = $1 AND stream = $2 AND seq <= $6::bigint AND EXISTS (SELECT FROM head)
  )
  SELECT 1 FROM head`;
