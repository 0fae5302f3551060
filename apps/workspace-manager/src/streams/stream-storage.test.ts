import { createWorkspaceDatabase, type WorkspaceDatabaseClient } from '@aileron/database/workspace';
import { conformanceCases } from '@aileron/event-log/testing';
import { testDatabase, type TestDatabase } from '@aileron/testing';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { PostgresStreamStorage } from './stream-storage.repository.js';

let database: TestDatabase;
let client: WorkspaceDatabaseClient;

beforeAll(async () => {
  database = await testDatabase();
  client = createWorkspaceDatabase({ url: database.workspaceUrl });
});
afterAll(async () => {
  await client.prisma.$disconnect();
  await database.drop();
});

describe('streams in Postgres', () => {
  for (const { name, run } of conformanceCases) {
    it(name, () => run(new PostgresStreamStorage(client.run, 'ten_test')));
  }
});
