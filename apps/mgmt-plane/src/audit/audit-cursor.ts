import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import type { AuditPosition } from './audit.repository.js';

const Cursor = z.tuple([z.iso.datetime(), z.string().max(64), z.int().min(1)]);

/** An opaque place in a query's order. */
export function writeCursor({ at, streamId, seq }: AuditPosition): string {
  return Buffer.from(JSON.stringify([at.toISOString(), streamId, seq])).toString('base64url');
}

export function readCursor(text: string): AuditPosition {
  try {
    const [at, streamId, seq] = Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return { at: new Date(at), streamId, seq };
  } catch {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field: 'after', message: 'must be `next` of an earlier answer' }],
    });
  }
}
