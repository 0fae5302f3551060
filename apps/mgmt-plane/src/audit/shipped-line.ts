import { hash } from 'node:crypto';
import { MAX_LINE_BYTES } from '@aileron/audit';
import { AileronError } from '@aileron/errors';

export interface ShippedLine {
  readonly seq: number;
  /** Digest of the line before, base64url. */
  readonly prev: string;
  /** Digest of this line, base64url. */
  readonly hash: string;
  readonly line: Uint8Array;
  readonly at: Date;
  readonly kind: string;
  readonly sessionId: string | null;
  readonly operation: string | null;
}

/** Reads one line of a stream; AUDIT_CHAIN_BROKEN when it is not one. */
export function readShippedLine(input: { tenantId: string; streamId: string; line: Uint8Array }): ShippedLine {
  const { tenantId, streamId, line } = input;
  const record = parseRecord(line);
  if (record === null || record.stream !== streamId || record.tenantId !== tenantId) {
    throw new AileronError('AUDIT_CHAIN_BROKEN', { stream: streamId, reason: 'not a record of this stream' });
  }
  return {
    seq: record.seq,
    prev: record.prev,
    hash: hash('sha256', line, 'base64url'),
    line,
    at: record.at,
    kind: record.kind,
    sessionId: record.sessionId ?? null,
    operation: record.operation ?? null,
  };
}

/** What the store needs of a record, whatever its kind: a newer proxy's new kinds are kept like any other. */
type Envelope = Pick<ShippedLine, 'seq' | 'prev' | 'at' | 'kind'> & {
  readonly stream: string;
  readonly tenantId: string;
  readonly sessionId: string | undefined;
  readonly operation: string | undefined;
};

const decoder = new TextDecoder('utf-8', { fatal: true });
/** As `Date.toISOString` writes it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

function parseRecord(line: Uint8Array): Envelope | null {
  if (line.length > MAX_LINE_BYTES || line.includes(0x0a)) return null;
  try {
    return envelopeOf(JSON.parse(decoder.decode(line)));
  } catch {
    return null;
  }
}

/** Checked by hand: every line of every proxy passes here. */
function envelopeOf(value: unknown): Envelope | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { stream, seq, prev, at: time, kind, tenantId, sessionId, operation } = value as Record<string, unknown>;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) return null;
  if (!isText(prev, 43) || prev.length !== 43 || !isText(kind, 64) || kind === '') return null;
  if (!isText(stream, 64) || !isText(tenantId, 128)) return null;
  if (sessionId !== undefined && !isText(sessionId, 128)) return null;
  if (operation !== undefined && !isText(operation, 128)) return null;
  const at = isText(time, 64) && TIME.test(time) ? new Date(time) : null;
  if (at === null || Number.isNaN(at.getTime())) return null;
  return { stream, seq, prev, at, kind, tenantId, sessionId, operation };
}

const isText = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value.length <= longest;
