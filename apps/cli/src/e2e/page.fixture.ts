// `aileron up --demo` as a person starts it, and a browser that comes in by its link.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeHomeDatabase } from '@aileron/database';
import { Secret } from '@aileron/vault';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { LocalApi } from '../api/local-api.js';
import { Home } from '../home/home.js';
import { requireService } from '../home/service-file.js';
import { type AgentSession, MAIN, startAgentSession } from './running-service.fixture.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
/** A machine without a browser skips, unless a run says that nothing may be skipped. */
export const hasBrowser = CHROMIUM !== undefined || process.env['AILERON_REQUIRE_ALL'] === '1';

interface Ready {
  readonly url: string;
  readonly link: string;
  readonly passphrase: string;
}

export class PageUnderTest {
  private constructor(
    private readonly root: string,
    private readonly child: ChildProcess,
    private readonly browser: Browser,
    readonly home: Home,
    private readonly ready: Ready,
  ) {}

  static async start(): Promise<PageUnderTest> {
    const root = mkdtempSync(join(tmpdir(), 'aileron-page-'));
    const home = new Home(join(root, 'home'));
    const args = ['--home', home.root, '--json', 'up', '--demo', '--port', '0', '--service-port', '0'];
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ready = await readReady(child);
    const browser = await chromium.launch({
      executablePath: CHROMIUM ?? 'chromium',
      args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    return new PageUnderTest(root, child, browser, home, ready);
  }

  get url(): string {
    return this.ready.url;
  }

  get api(): LocalApi {
    return new LocalApi(requireService(this.home));
  }

  get passphrase(): Secret {
    return Secret.fromString(this.ready.passphrase);
  }

  startSession(): Promise<AgentSession> {
    return startAgentSession(this);
  }

  /** A browser of its own that has come in by a link; what its console complains of fails the test that looks. */
  async enter(options: Parameters<Browser['newContext']>[0] = {}): Promise<{ page: Page; complaints: string[] }> {
    const context: BrowserContext = await this.browser.newContext({
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto((await this.linkApi().createLink()).link);
    await page.getByRole('heading', { name: 'Approvals' }).waitFor();
    return { page, complaints };
  }

  linkApi(): LocalApi {
    return new LocalApi({ url: this.url, token: requireService(this.home).token });
  }

  async close(): Promise<void> {
    await this.browser.close();
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
    await removeHomeDatabase(this.home.root);
    rmSync(this.root, { recursive: true, force: true });
  }
}

function readReady(child: ChildProcess): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`up did not say that it is ready: ${text}`)), 40_000);
    child.once('exit', () => reject(new Error(`up ended: ${text}`)));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      try {
        const ready = JSON.parse(text) as Ready;
        clearTimeout(timer);
        resolve(ready);
      } catch {
        // not all of it yet
      }
    });
  });
}
