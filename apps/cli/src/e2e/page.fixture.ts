// `aileron up --demo` as a person starts it, and a browser that comes in by its link.
import { existsSync } from 'node:fs';
import type { Secret } from '@aileron/vault';
import { type Browser, chromium, type Page } from 'playwright-core';
import { LocalApi } from '../api/local-api.js';
import type { Home } from '../home/home.js';
import { requireService } from '../home/service-file.js';
import { CuttingRelay } from './cutting-relay.fixture.js';
import { type AgentSession, startAgentSession } from './running-service.fixture.js';
import { UpUnderTest } from './up.fixture.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
/** A machine without a browser skips, unless a run says that nothing may be skipped. */
export const hasBrowser = CHROMIUM !== undefined || process.env['AILERON_REQUIRE_ALL'] === '1';

export class PageUnderTest {
  private constructor(
    readonly up: UpUnderTest,
    private readonly browser: Browser,
    private readonly line: CuttingRelay | null,
  ) {}

  /** `cuttable`: between the browsers and the gateway is a line that can be cut. */
  static async start({ cuttable = false }: { readonly cuttable?: boolean } = {}): Promise<PageUnderTest> {
    const up = await UpUnderTest.start();
    const line = cuttable ? await CuttingRelay.start(up.url) : null;
    const overTheLine =
      line === null ? [] : [`--host-resolver-rules=MAP ${new URL(up.url).host} 127.0.0.1:${line.port}`];
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
    const browser = await chromium.launch({
      executablePath: CHROMIUM ?? 'chromium',
      args: ['--no-sandbox', ...quiet, ...overTheLine],
    });
    return new PageUnderTest(up, browser, line);
  }

  get home(): Home {
    return this.up.home;
  }

  get url(): string {
    return this.up.url;
  }

  get api(): LocalApi {
    return this.up.api;
  }

  get passphrase(): Secret {
    return this.up.passphrase;
  }

  startSession(): Promise<AgentSession> {
    return startAgentSession(this);
  }

  /** A browser of its own that has come in by a link; what its console complains of fails the test that looks. */
  async enter(options: Parameters<Browser['newContext']>[0] = {}): Promise<{ page: Page; complaints: string[] }> {
    const page = await this.newPage(options);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(await this.up.link());
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Approvals' }).click();
    await page.getByRole('heading', { name: 'Approvals' }).waitFor();
    return { page, complaints };
  }

  /** A page of a browser of its own that nobody knows yet. */
  async newPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    context.setDefaultTimeout(60_000);
    return await context.newPage();
  }

  /** Cuts every connection of every browser, see CuttingRelay. */
  cut(swallowMs: number): Promise<void> {
    if (this.line === null) throw new Error('it was started without a line that can be cut');
    return this.line.cut(swallowMs);
  }

  linkApi(): LocalApi {
    return new LocalApi({ url: this.url, token: requireService(this.home).token });
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.line?.close();
    await this.up.close();
  }
}
