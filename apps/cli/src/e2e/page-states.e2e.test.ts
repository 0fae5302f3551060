// Every page while it is empty, while it loads and when what it asks for fails: nothing that axe finds in any of them.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { workspaceApi } from '../api/workspace-api.js';
import { requireService } from '../home/service-file.js';
import { createWorkspace, LONG_MS } from './journey.fixture.js';
import { hasBrowser, PageUnderTest } from './page.fixture.js';
import { eventually } from './running-service.fixture.js';

const SCREENS = fileURLToPath(new URL('../../../../data/screens', import.meta.url));
const describeWithBrowser = hasBrowser ? describe : describe.skip;
const PANELS = ['chat', 'changes', 'files', 'terminal', 'logs', 'details'] as const;

/** Lists, a tree, a log and tabs: what is drawn while it loads and when it fails is the same elsewhere. */
const LIKE_ALL = ['workspaces', 'approvals', 'audit', 'workspace-chat', 'workspace-files', 'workspace-terminal'];

/** What comes of what a page asks for, but who one is. */
type Fate = 'answered' | 'never answered' | 'refused';
const PROBLEM = {
  status: 503,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    type: 'https://aileron.dev/errors#unavailable',
    title: 'A service this needs does not answer.',
    status: 503,
    code: 'UNAVAILABLE',
    action: 'Wait and try again; look at the health of the services.',
    requestId: 'req_of_a_test',
  }),
};

describeWithBrowser('the states of a page', () => {
  let under: PageUnderTest;
  let workspaceId: string;

  beforeAll(async () => {
    under = await PageUnderTest.start();
    // Nobody works in it and there is nothing in it.
    ({ workspaceId } = await createWorkspace(workspaceApi(requireService(under.home))));
  }, 240_000);
  afterAll(() => under.close(), 120_000);

  const places = (): [string, string][] => [
    ...(['workspaces', 'approvals', 'sessions', 'spend', 'audit'] as const).map((place): [string, string] => [
      place,
      `/${place}`,
    ]),
    ...PANELS.map((panel): [string, string] => [`workspace-${panel}`, `/workspaces/${workspaceId}?panel=${panel}`]),
  ];

  const suffer = async (page: Page, fate: Fate): Promise<void> => {
    if (fate === 'answered') return;
    const path = (url: URL) => /^\/api\/(v1|mgmt)\//.test(url.pathname);
    // A route that does nothing leaves its request open.
    await page.route(path, (route) => (fate === 'refused' ? route.fulfill(PROBLEM) : undefined));
    await page.routeWebSocket(path, () => undefined);
  };

  const settled = async (page: Page, fate: Fate): Promise<void> => {
    await page.locator('h1').first().waitFor({ state: 'attached' });
    if (fate === 'refused') await page.getByRole('button', { name: 'Try again' }).first().waitFor();
    if (fate !== 'answered') return;
    const loading = page.locator('main [role=status][aria-label^=Loading]');
    await eventually(async () => (await loading.count()) === 0, LONG_MS);
  };

  it.each([
    ['answered', 1440],
    ['never answered', 390],
    ['refused', 390],
  ] as const)(
    'has nothing that axe finds while it is %s, at %d pixels',
    async (fate, width) => {
      const { page } = await under.enter({ viewport: { width, height: 844 } });
      page.setDefaultTimeout(LONG_MS);
      await suffer(page, fate);
      const found: string[] = [];
      const looked = places().filter(([name]) => fate === 'answered' || LIKE_ALL.includes(name));
      for (const [name, path] of looked) {
        await page.goto(`${under.url}${path}`);
        await settled(page, fate);
        const { violations } = await new AxeBuilder({ page }).analyze();
        found.push(...violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html ?? ''}`));
        if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) found.push(`${name}: too wide`);
        await page.screenshot({ path: join(SCREENS, `state-${name}-${fate.replace(' ', '-')}-${width}.png`) });
      }
      expect(found).toEqual([]);
    },
    300_000,
  );

  const speaking = async (locale: string): Promise<Page> => {
    const page = await under.newPage({ viewport: { width: 390, height: 844 } });
    await page.addInitScript(`localStorage.setItem('aileron.locale', '${locale}')`);
    page.setDefaultTimeout(LONG_MS);
    await page.goto(await under.up.link());
    await page.locator('nav').first().waitFor();
    return page;
  };

  it.each([
    ['de', 'Arbeitsbereiche'],
    ['zh', '工作区'],
  ])(
    'is in the language that was chosen: %s',
    async (locale, heading) => {
      const page = await speaking(locale);
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
      expect(await page.evaluate('document.documentElement.lang')).toBe(locale);
      await page.screenshot({ path: join(SCREENS, `locale-${locale}-390.png`) });
    },
    120_000,
  );

  it.each(['/enter', '/nowhere', '/workspaces'])(
    'has nothing that axe finds for whom nobody knows, at %s',
    async (path) => {
      const page = await under.newPage();
      await page.goto(`${under.url}${path}`);
      await page.getByRole('heading', { level: 2 }).waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html ?? ''}`)).toEqual([]);
    },
    120_000,
  );
});
