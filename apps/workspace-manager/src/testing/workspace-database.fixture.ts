import { createWorkspaceDatabase, type WorkspaceDatabaseClient } from '@aileron/database/workspace';
import { testDatabase, type TestDatabase } from '@aileron/testing';
import { afterAll, beforeAll } from '@jest/globals';

/** A database for the tests of a file. It is there once they run. */
export function useWorkspaceDatabase(): () => WorkspaceDatabaseClient {
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
  return () => client;
}
