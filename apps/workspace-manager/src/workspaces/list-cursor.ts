import { WorkspaceId } from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import { z } from 'zod';

const Cursor = z.tuple([z.iso.datetime(), WorkspaceId]);

export interface ListPlace {
  readonly createdAt: Date;
  readonly workspaceId: string;
}

export const encodeCursor = ({ createdAt, workspaceId }: ListPlace): string =>
  Buffer.from(JSON.stringify([createdAt.toISOString(), workspaceId])).toString('base64url');

/** @throws AileronError INVALID_ARGUMENT */
export function decodeCursor(cursor: string): ListPlace {
  try {
    const [createdAt, workspaceId] = Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { createdAt: new Date(createdAt), workspaceId };
  } catch (cause) {
    const fields = [{ field: 'cursor', message: 'must be a cursor that a list gave' }];
    throw new AileronError('INVALID_ARGUMENT', { fields }, { cause });
  }
}
