import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeHomeDatabase } from '@aileron/database';
import { requestJson, requestText } from '@aileron/egress';
import { z } from 'zod';
import { eventually } from './drill-clock.ts';
import type { Target, Topology } from './drill-options.ts';
import type { Upstreams } from './upstreams.ts';

/** The built program, as people start it. */
const MAIN = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const READY_MS = 180_000;
const COMMAND_MS = 30_000;
const CALL_MS = 10_000;
const END_MS = 20_000;
/** Short, so that some approvals are found by a retry and not by a held request. */
export const HOLD_SECONDS = 2;

/** What of service.json is needed here. */
const ServiceFile = z.object({
  pid: z.int(),
  url: z.url(),
  token: z.string(),
  processes: z.array(z.object({ service: z.string(), pid: z.int() })),
});
type ServiceFile = z.infer<typeof ServiceFile>;

type Call<T> = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly schema: z.ZodType<T>;
  readonly body?: unknown;
};

/** A home of the drill's own, driven through the command line and the REST API, as a person drives it. */
export class DrillHome {
  static readonly #all = new Set<DrillHome>();
  readonly #directory: string;
  readonly #topology: Topology;
  readonly #passphraseFile: string;
  #process: ChildProcess | null = null;

  constructor(topology: Topology, upstreams: Pick<Upstreams, 'upstreamMap'>) {
    this.#topology = topology;
    // Short: a Unix socket's path has 107 bytes.
    this.#directory = mkdtempSync(join(tmpdir(), 'drill-'));
    DrillHome.#all.add(this);
    this.#passphraseFile = join(this.#directory, 'passphrase');
    writeFileSync(this.#passphraseFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    writeFileSync(join(this.#directory, 'upstream-map.json'), JSON.stringify(upstreams.upstreamMap));
  }

  /** Whatever is there now: for when the drill is interrupted. */
  static async removeAll(): Promise<void> {
    await Promise.all([...DrillHome.#all].map((home) => home.remove()));
  }

  readonly path = (...parts: readonly string[]): string => join(this.#directory, ...parts);

  get root(): string {
    return this.path('home');
  }

  /** Of the service and its parts, all starts together. */
  get log(): string {
    return readFileSync(this.path('service.log'), 'utf8');
  }

  /** Starts the service, for the first time or after it was killed. */
  async start(): Promise<void> {
    const args = ['--home', this.root, 'service', '--port', '0', '--hold-seconds', String(HOLD_SECONDS)];
    const map = ['--upstream-map', this.path('upstream-map.json')];
    const split = this.#topology === 'split' ? ['--split'] : [];
    mkdirSync(this.root, { recursive: true, mode: 0o700 });
    const log = openSync(this.path('service.log'), 'a', 0o600);
    const child = spawn(process.execPath, ['--enable-source-maps', MAIN, ...args, ...map, ...split], {
      stdio: ['ignore', 'ignore', log],
    });
    closeSync(log);
    this.#process = child;
    const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const ready = (): true | undefined => {
      if (ended()) throw new Error(`aileron service ended: ${this.log.slice(-2_000)}`);
      return this.#read()?.pid === child.pid ? true : undefined;
    };
    await eventually('aileron service is ready', ready, READY_MS);
  }

  /** Undefined while it is being started anew. */
  pidOf(target: Target): number | undefined {
    const file = this.#read();
    if (target === 'service') return file?.pid;
    return file?.processes.find(({ service }) => service === target)?.pid;
  }

  async fillVault(credentials: Upstreams['credentials']): Promise<void> {
    await this.command(['vault', 'init'], { unlocks: true });
    for (const [connector, value] of Object.entries(credentials)) {
      await this.command(['secret', 'set', connector, '--from-file', '-'], { unlocks: true, input: value });
    }
  }

  /** Runs `aileron` to its end. @returns what it printed, as JSON @throws Error when it fails */
  command(
    args: readonly string[],
    options: { readonly unlocks?: boolean; readonly input?: string } = {},
  ): Promise<unknown> {
    const passphrase = options.unlocks === true ? ['--passphrase-file', this.#passphraseFile] : [];
    const all = [MAIN, '--home', this.root, '--json', ...args, ...passphrase];
    return new Promise((resolve, reject) => {
      const child = execFile(
        process.execPath,
        all,
        { timeout: COMMAND_MS, maxBuffer: 64 << 20 },
        (error, stdout, stderr) => {
          if (error)
            reject(new Error(`aileron ${args.join(' ')}: ${stdout}${stderr}`.slice(0, 2_000), { cause: error }));
          else resolve(JSON.parse(stdout));
        },
      );
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.input ?? '');
    });
  }

  call<T>({ method, path, schema, body }: Call<T>): Promise<T> {
    return requestJson({ ...this.#request(method, path), schema, ...(body !== undefined && { body }) });
  }

  text(path: string): Promise<string> {
    return requestText(this.#request('GET', path));
  }

  /** Ends the service; what it left stays to be looked at. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await exited;
    clearTimeout(timer);
  }

  async remove(): Promise<void> {
    await this.stop();
    await removeHomeDatabase(this.root);
    rmSync(this.#directory, { recursive: true, force: true });
    DrillHome.#all.delete(this);
  }

  #request(method: 'GET' | 'POST' | 'DELETE', path: string) {
    const file = this.#read();
    if (file === undefined) throw new Error('the service does not run');
    const { url, token } = file;
    const headers = { authorization: `Bearer ${token}` };
    return { url: new URL(path, url).href, method, headers, deadlineMs: CALL_MS, maxBytes: 256 << 20 };
  }

  #read(): ServiceFile | undefined {
    const file = join(this.root, 'service.json');
    if (!existsSync(file)) return undefined;
    try {
      return ServiceFile.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      return undefined;
    }
  }
}
