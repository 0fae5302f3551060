import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of migration.sql in lower-case hex: what Prisma writes to `_prisma_migrations.checksum`. */
  readonly checksum: string;
}

/** Prisma's checksum of a migration script. */
export function migrationChecksum(script: Uint8Array): string {
  return createHash('sha256').update(script).digest('hex');
}

/** The migrations of a folder in the order they apply: by name, as Prisma does. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (names.length === 0) throw new Error(`no migrations in ${directory}`);
  return Promise.all(
    names.toSorted().map(async (name) => {
      const bytes = await readFile(join(directory, name, 'migration.sql'));
      return { name, sql: bytes.toString('utf8'), checksum: migrationChecksum(bytes) };
    }),
  );
}
