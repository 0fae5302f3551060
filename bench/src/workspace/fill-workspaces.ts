import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { RunningUp } from './running-up.js';
import { untilSeen } from './start-workspaces.js';

const SHARED = 'workspace_id, name, state';

/**
 * A stopped workspace, made as every other, and copies of it: rows with streams in the database, folders on the disk, so that
 * the sweep finds nothing to do. Returns their ids.
 */
export async function fillWorkspaces(up: RunningUp, count: number): Promise<string[]> {
  const { client } = up;
  const { workspaceId } = await client.createWorkspace({ body: { name: 'pattern' } });
  await untilSeen(client, workspaceId, ({ phase }) => phase === 'running');
  await client.stopWorkspace({ params: { workspaceId } });
  await untilSeen(client, workspaceId, ({ phase }) => phase === 'stopped');
  const ids = Array.from(
    { length: count - 1 },
    (_, index) => `${workspaceId.slice(0, -6)}${String(index).padStart(6, '0')}`,
  );
  for (const id of ids) {
    for (const part of ['project', 'home'])
      mkdirSync(join(up.home, 'workspaces', id, 'volume', part), { recursive: true, mode: 0o700 });
  }
  await copyRows(up.databaseUrl, workspaceId, ids);
  return [workspaceId, ...ids];
}

async function copyRows(databaseUrl: string, from: string, ids: readonly string[]): Promise<void> {
  const database = new Client({ connectionString: databaseUrl, query_timeout: 60_000 });
  await database.connect();
  try {
    await database.query('SET search_path = workspace');
    const { rows } = await database.query<{ column_name: string }>(
      "SELECT column_name FROM information_schema.columns WHERE table_schema = 'workspace' AND table_name = 'workspace'",
    );
    const same = rows.map(({ column_name }) => column_name).filter((name) => !SHARED.split(', ').includes(name));
    await database.query(
      `INSERT INTO workspace (${SHARED}, ${same.join(', ')})
       SELECT copy.id, 'copy-' || copy.number, jsonb_set(state, '{workspaceId}', to_jsonb(copy.id)), ${same.join(', ')}
       FROM workspace, unnest($2::text[]) WITH ORDINALITY AS copy (id, number) WHERE workspace_id = $1`,
      [from, ids],
    );
    for (const [table, rest] of [
      ['event_stream', 'epoch, base_seq, last_seq, snapshot'],
      ['event_entry', 'seq, entry'],
    ]) {
      await database.query(
        `INSERT INTO ${table} (tenant_id, stream, ${rest})
         SELECT tenant_id, replace(stream, $1, copy.id), ${rest} FROM ${table}, unnest($2::text[]) AS copy (id)
         WHERE stream LIKE '%' || $1`,
        [from, ids],
      );
    }
    await database.query('ANALYZE');
  } finally {
    await database.end();
  }
}
