import { conformanceCases } from '@aileron/event-log/testing';
import { describe, it } from '@jest/globals';
import { useWorkspaceDatabase } from '../testing/workspace-database.fixture.js';
import { PostgresStreamStorage } from './stream-storage.repository.js';

const database = useWorkspaceDatabase();

describe('streams in Postgres', () => {
  for (const { name, run } of conformanceCases) {
    it(name, () => run(new PostgresStreamStorage(database().run, 'ten_test')));
  }
});
