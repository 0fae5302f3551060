import { Client } from 'pg';
import { z } from 'zod';

const Stage = z.object({ name: z.string(), until: z.number(), leaseUntil: z.number().optional() });
const Operation = z.object({
  number: z.number(),
  kind: z.string(),
  since: z.number(),
  deadline: z.number(),
  stage: Stage,
});
const State = z.object({
  phase: z.string(),
  reason: z.string(),
  message: z.string(),
  intent: z.object({ generation: z.number(), want: z.string() }),
  operations: z.number(),
  operation: Operation.nullable(),
  removed: z.object({ confirmed: z.boolean() }).nullable(),
});
export type StoredState = z.infer<typeof State>;

export interface StoredWorkspace {
  readonly workspaceId: string;
  readonly state: StoredState;
  /** When something has to happen by itself; milliseconds since 1970. */
  readonly dueAt: number | null;
}

const CALL_MS = 3_000;

/** What the managers have stored, read past them: the drill believes no view. */
export class StoredWorkspaces {
  #client: Client | null = null;

  private readonly adminUrl: string;

  constructor(adminUrl: string) {
    this.adminUrl = adminUrl;
  }

  /** @throws while the database is away */
  async read(): Promise<StoredWorkspace[]> {
    const rows = await this.#query<{ workspace_id: string; state: unknown; due_at: Date | null }>(
      'SELECT workspace_id, state, due_at FROM workspace.workspace',
    );
    return rows.map(({ workspace_id: workspaceId, state, due_at: dueAt }) => ({
      workspaceId,
      state: State.parse(state),
      dueAt: dueAt?.getTime() ?? null,
    }));
  }

  /** Rows that are there, by table. */
  async rowCounts(tables: readonly string[]): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (const table of tables) {
      const [row] = await this.#query<{ n: number }>(`SELECT count(*)::int AS n FROM workspace.${table}`);
      counts[table] = row?.n ?? 0;
    }
    return counts;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  async #query<T extends object>(text: string): Promise<T[]> {
    try {
      this.#client ??= await connect(this.adminUrl);
      return (await this.#client.query<T & Record<string, unknown>>(text)).rows;
    } catch (error) {
      await this.close();
      throw error;
    }
  }
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString, connectionTimeoutMillis: CALL_MS, query_timeout: CALL_MS });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
