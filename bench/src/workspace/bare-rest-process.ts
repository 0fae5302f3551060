/**
 * The least that answers for a workspace: Fastify, a pool of connections, one row by its key.
 *
 *   node dist/workspace/bare-rest-process.js   (DATABASE_URL on standard input)
 */
import { text } from 'node:stream/consumers';
import fastify from 'fastify';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: (await text(process.stdin)).trim(), max: 8 });
const server = fastify();
server.get<{ Params: { id: string } }>('/workspaces/:id', async ({ params }, reply) => {
  const { rows } = await pool.query('SELECT * FROM workspace.workspace WHERE workspace_id = $1', [params.id]);
  return rows[0] ?? reply.code(404).send();
});
process.stdout.write(`${await server.listen({ host: '127.0.0.1', port: 0 })}\n`);
process.once('SIGTERM', () => process.exit());
