/** Commits jobs to an outbox, or rolls them back, and relays them: `node outbox-process.fixture.ts <JSON of OutboxProcessConfig>`. */
import { openJobQueue, type OpenJobQueueOptions, outboxInsert, OutboxRelay } from '@aileron/queue';
import { Client } from 'pg';

export interface OutboxProcessConfig {
  readonly settings: Pick<OpenJobQueueOptions, 'server' | 'prefix'>;
  readonly databaseUrl: string;
  readonly schema: string;
  readonly name: string;
  readonly keys: readonly string[];
}

const config = JSON.parse(process.argv[2] ?? '') as OutboxProcessConfig;
const { schema, databaseUrl, name, keys } = config;
const queue = await openJobQueue(config.settings);
OutboxRelay.start({ databaseUrl, schema, queue, batchSize: 20 });
const client = new Client({ connectionString: databaseUrl });
await client.connect();
process.stdout.write('ready\n');

for (;;) {
  const key = keys[Math.floor(Math.random() * keys.length)]!;
  await client.query('BEGIN');
  const { rows } = await client.query<{ n: number }>(
    `INSERT INTO ${schema}.thing SELECT $1, coalesce(max(n), 0) + 1 FROM ${schema}.thing WHERE key = $1 RETURNING n`,
    [key],
  );
  const { n } = rows[0]!;
  const { text, values } = outboxInsert(schema, {
    orderKey: key,
    name,
    payload: { key, n },
    options: { jobId: `${key}.${n}`, attempts: 1, backoff: { kind: 'fixed', delayMs: 0 } },
  });
  await client.query(text, [...values]);
  await client.query(Math.random() < 0.3 ? 'ROLLBACK' : 'COMMIT');
}
