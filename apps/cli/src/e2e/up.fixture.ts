// `aileron up --demo` in a home of its own, as a person starts it.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeHomeDatabase } from '@aileron/database';
import { Secret } from '@aileron/vault';
import { LocalApi } from '../api/local-api.js';
import { Home } from '../home/home.js';
import { requireService } from '../home/service-file.js';
import { MAIN } from './running-service.fixture.js';

interface Ready {
  readonly url: string;
  readonly link: string;
  readonly workspaces: string;
  readonly board: string;
  readonly passphrase: string;
}

const READY_MS = 200_000;
const PORTS = ['port', 'service-port', 'workspaces-port', 'board-port'].flatMap((name) => [`--${name}`, '0']);

export class UpUnderTest {
  private constructor(
    private readonly root: string,
    private child: ChildProcess,
    readonly home: Home,
    private readonly ready: Ready,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async start({ env = {} }: { env?: NodeJS.ProcessEnv } = {}): Promise<UpUnderTest> {
    const root = mkdtempSync(join(tmpdir(), 'aileron-up-'));
    const home = new Home(join(root, 'home'));
    const child = spawnUp(home, ['--demo', ...PORTS], env);
    return new UpUnderTest(root, child, home, await readReady(child), env);
  }

  /**
   * kill -9, and all of it again on the same home and ports; what the demo plays is started anew. `demo: false`: without what it
   * plays, and nobody unlocks a workspace but a person.
   */
  async killAndStartAgain({ demo = true }: { readonly demo?: boolean } = {}): Promise<void> {
    const { url, workspaces } = this.ready;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
    const port = (of: string): string => new URL(of).port;
    const options = [
      ...(demo ? ['--demo'] : []),
      '--port',
      port(url),
      '--workspaces-port',
      port(workspaces),
      '--service-port',
      '0',
      '--board-port',
      '0',
    ];
    this.child = spawnUp(this.home, options, this.env);
    await readReady(this.child);
  }

  /** Of the page. */
  get url(): string {
    return this.ready.url;
  }

  get boardUrl(): string {
    return this.ready.board;
  }

  get api(): LocalApi {
    return new LocalApi(requireService(this.home));
  }

  get passphrase(): Secret {
    return Secret.fromString(this.ready.passphrase);
  }

  /** A new link into the page. */
  async link(): Promise<string> {
    const { token } = requireService(this.home);
    return (await new LocalApi({ url: this.url, token }).createLink()).link;
  }

  /** Ctrl-C, and the end of it. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGINT');
    await ended;
  }

  async close(): Promise<void> {
    await this.stop();
    await removeHomeDatabase(this.home.root);
    rmSync(this.root, { recursive: true, force: true });
  }
}

const spawnUp = (home: Home, options: readonly string[], env: NodeJS.ProcessEnv): ChildProcess =>
  spawn(process.execPath, [MAIN, '--home', home.root, '--json', 'up', ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });

function readReady(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => {
      // Nobody would end it.
      child.kill('SIGKILL');
      reject(new Error(`up did not say that it is ready: ${text}`));
    }, READY_MS);
    child.once('exit', () => reject(new Error(`up ended: ${text}`)));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      try {
        const ready = JSON.parse(text) as Ready | { readonly error: unknown };
        clearTimeout(timer);
        if ('error' in ready) reject(new Error(`up refused: ${text}`));
        else resolve(ready);
      } catch {
        // not all of it yet
      }
    });
  });
}
