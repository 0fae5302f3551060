import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PACKAGES = join(import.meta.dirname, '../../..');
const read = (path: string): Promise<string> => readFile(join(PACKAGES, path), 'utf8');

/** Without the comments before its first statement. */
const statements = (sql: string): string => sql.slice(sql.search(/^[A-Z]/m)).trim();

describe('the outbox of workspace-manager', () => {
  it('is the one that the queue relays: its migration ends in a copy', async () => {
    const migration = await read('database/prisma/workspace/migrations/20261121000000_init/migration.sql');
    const outbox = statements(await read('queue/sql/outbox.sql'));
    expect(outbox).toContain('CREATE TABLE "outbox"');
    expect(statements(migration.slice(migration.indexOf('-- What follows is sql/outbox.sql')))).toBe(outbox);
  });
});
