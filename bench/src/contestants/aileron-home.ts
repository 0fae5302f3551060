import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SessionView, StartSessionResponse } from '@aileron/contracts/rest';
import { EmbeddedPostgres } from '@aileron/database';
import { requestJson } from '@aileron/egress';
import { z } from 'zod';
import { runProgram } from '../machine/run-program.js';
import { SpawnedProgram } from '../machine/spawned-program.js';
import type { Upstream } from '../upstream/start-upstream.js';
import { GRAPHQL_HOST, REST_HOST } from '../bench-hosts.js';

/** The built program, as people start it. */
const MAIN = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url));
const DEADLINE_MS = 30_000;

/** What of service.json is needed here. */
const ServiceFile = z.object({
  pid: z.int(),
  version: z.string(),
  url: z.url(),
  token: z.string(),
  processes: z.array(z.object({ service: z.string(), pid: z.int() })),
});
type ServiceFile = z.infer<typeof ServiceFile>;

export interface HomeOptions {
  readonly directory: string;
  readonly upstream: Upstream;
  /** Of `aileron service`. */
  readonly serviceOptions: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Of node, before the program. */
  readonly nodeOptions: readonly string[];
}

/** A home of the bench's own with a vault in it, driven through the command line and the REST API as a person drives it. */
export class AileronHome {
  readonly #root: string;
  readonly #passphraseFile: string;
  #program: SpawnedProgram | null = null;

  constructor(private readonly options: HomeOptions) {
    this.#root = join(options.directory, 'home');
    this.#passphraseFile = join(options.directory, 'passphrase');
  }

  async start(): Promise<void> {
    const { directory, upstream, serviceOptions, nodeOptions, environment } = this.options;
    const map = join(directory, 'upstream-map.json');
    const entry = { address: '127.0.0.1', port: upstream.port, caPem: upstream.caPem };
    writeFileSync(map, JSON.stringify([GRAPHQL_HOST, REST_HOST].map((host) => ({ host, ...entry }))));
    const args = [MAIN, '--home', this.#root, 'service', '--port', '0', '--upstream-map', map, ...serviceOptions];
    const program = new SpawnedProgram({ command: process.execPath, args: [...nodeOptions, ...args], environment });
    this.#program = program;
    await program.ready(() => this.#find()?.pid === program.pid);
  }

  get service(): ServiceFile {
    const found = this.#find();
    if (found === null) throw new Error(`aileron service does not run: ${this.#program?.printed.slice(-2_000)}`);
    return found;
  }

  get databasePid(): number {
    const found = this.service.processes.find(({ service }) => service === 'postgres');
    if (found === undefined) throw new Error('service.json does not name the database');
    return found.pid;
  }

  async fillVault(): Promise<void> {
    const { graphql, rest } = this.options.upstream.credentials;
    writeFileSync(this.#passphraseFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    await this.#command(['vault', 'init'], '');
    await this.#command(['secret', 'set', 'linear', '--from-file', '-'], graphql);
    await this.#command(['secret', 'set', 'anthropic', '--from-file', '-'], rest);
  }

  /** Sessions with their keys: ready for calls that were never made. */
  async startSessions(count: number): Promise<StartSessionResponse[]> {
    const started: StartSessionResponse[] = [];
    for (let i = 0; i < count; i++) {
      started.push(await this.#call('POST', '/v1/sessions', StartSessionResponse, { agent: 'bench' }));
    }
    await this.#command(['vault', 'unlock'], '');
    return started;
  }

  async endSessions(sessionIds: readonly string[]): Promise<void> {
    for (const id of sessionIds) await this.#call('DELETE', `/v1/sessions/${id}`, SessionView);
  }

  async close(): Promise<void> {
    await this.#program?.close();
    // As root the files of its database are not in the home.
    if (existsSync(join(this.#root, 'postgres.json'))) await EmbeddedPostgres.destroyLeft(this.#root);
  }

  #command(args: readonly string[], input: string): Promise<string> {
    const secret = ['--passphrase-file', this.#passphraseFile];
    return runProgram(process.execPath, [MAIN, '--home', this.#root, ...args, ...secret], { input });
  }

  #call<T>(method: 'POST' | 'DELETE', path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
    const { url, token } = this.service;
    const headers = { authorization: `Bearer ${token}` };
    const options = { url: new URL(path, url).href, method, headers, deadlineMs: DEADLINE_MS, maxBytes: 1 << 20 };
    return requestJson({ ...options, schema, ...(body !== undefined && { body }) });
  }

  #find(): ServiceFile | null {
    const file = join(this.#root, 'service.json');
    if (!existsSync(file)) return null;
    const parsed = ServiceFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  }
}
