import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWorkspaceClient, type WorkspaceClient } from '@aileron/contracts/workspace-client';
import { removeHomeDatabase } from '@aileron/database';
import { localFetch } from '@aileron/egress';
import { z } from 'zod';
import { SpawnedProgram } from '../machine/spawned-program.js';

/** The built program, as people start it. */
const MAIN = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url));
const PORTS = ['port', 'service-port', 'workspaces-port', 'board-port'].flatMap((name) => [`--${name}`, '0']);
const CALL_MS = 15_000;

/** What of service.json is needed here. */
const ServiceFile = z.object({ pid: z.int(), token: z.string(), page: z.url(), workspaces: z.url() });
type ServiceFile = z.infer<typeof ServiceFile>;
const Link = z.object({ link: z.url() });
/** What of postgres.json is needed here. */
const DatabaseFile = z.object({ folder: z.string(), adminPassword: z.string() });

/** `aileron up --demo` in a home of its own. */
export class RunningUp {
  readonly client: WorkspaceClient;

  private constructor(
    readonly home: string,
    private readonly program: SpawnedProgram,
    private readonly service: ServiceFile,
  ) {
    this.client = createWorkspaceClient({ baseUrl: service.workspaces, fetch: localFetch });
  }

  static async start(directory: string, nodeOptions: readonly string[] = []): Promise<RunningUp> {
    const home = join(directory, 'home');
    const args = ['--enable-source-maps', ...nodeOptions, MAIN, '--home', home, '--json', 'up', '--demo', ...PORTS];
    const environment = { AILERON_LOG_LEVEL: 'error' };
    const program = new SpawnedProgram({ command: process.execPath, args, environment });
    try {
      // It prints its addresses once everything is ready, the vault of the demo among it.
      await program.ready(() => program.printed.includes('"workspaces"'));
      return new RunningUp(
        home,
        program,
        ServiceFile.parse(JSON.parse(readFileSync(join(home, 'service.json'), 'utf8'))),
      );
    } catch (error) {
      await program.close();
      throw error;
    }
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Of the workspace-manager. */
  get managerUrl(): string {
    return this.service.workspaces;
  }

  get pageUrl(): string {
    return this.service.page;
  }

  /** Connection string of the administrator of its database. */
  get databaseUrl(): string {
    const { folder, adminPassword } = DatabaseFile.parse(
      JSON.parse(readFileSync(join(this.home, 'postgres.json'), 'utf8')),
    );
    const socket = join(folder, 'run');
    if (!existsSync(socket)) throw new Error('the database of the home has its socket elsewhere');
    return `postgresql://postgres:${adminPassword}@localhost/aileron?host=${encodeURIComponent(socket)}`;
  }

  /** What a browser that came in by a link sends along. */
  async browserHeaders(): Promise<Readonly<Record<string, string>>> {
    const { page, token } = this.service;
    const call = (path: string, headers: Record<string, string>, body: unknown) =>
      fetch(new URL(path, page), {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(CALL_MS),
      });
    const made = await call('/api/links', { authorization: `Bearer ${token}` }, {});
    const { link } = Link.parse(await made.json());
    const origin = new URL(page).origin;
    const entered = await call('/api/enter', { origin }, { code: new URL(link).hash.slice(1) });
    const cookie = entered.headers.get('set-cookie')?.split(';')[0];
    if (entered.status !== 204 || cookie === undefined) throw new Error(`the page lets nobody in: ${entered.status}`);
    return { cookie, origin };
  }

  async close(): Promise<void> {
    await this.program.close();
    await removeHomeDatabase(this.home);
  }
}
