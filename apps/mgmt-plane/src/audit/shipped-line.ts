import { createHash } from 'node:crypto';
import { MAX_LINE_BYTES } from '@aileron/audit';
import { AileronError } from '@aileron/errors';
import { z } from 'zod';

/** What the store needs of a record, whatever its kind: a newer proxy's new kinds are kept like any other. */
const Envelope = z.looseObject({
  stream: z.string().max(64),
  seq: z.int().min(1),
  prev: z.string().length(43),
  at: z.iso.datetime(),
  kind: z.string().min(1).max(64),
  tenantId: z.string().max(128),
  sessionId: z.string().max(128).optional(),
  operation: z.string().max(128).optional(),
});

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
    hash: createHash('sha256').update(line).digest('base64url'),
    line,
    at: new Date(record.at),
    kind: record.kind,
    sessionId: record.sessionId ?? null,
    operation: record.operation ?? null,
  };
}

function parseRecord(line: Uint8Array): z.infer<typeof Envelope> | null {
  if (line.length > MAX_LINE_BYTES || line.includes(0x0a)) return null;
  try {
    return Envelope.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line)));
  } catch {
    return null;
  }
}
