// A workspace in a real browser, from its creation to the audit, against everything real behind the page.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { hasBrowser, PageUnderTest } from './page.fixture.js';
import { randomName } from './running-service.fixture.js';

const SCREENS = fileURLToPath(new URL('../../../../data/screens', import.meta.url));
const LONG_MS = 120_000;
const describeWithBrowser = hasBrowser ? describe : describe.skip;

describeWithBrowser('the page of a workspace', () => {
  let under: PageUnderTest;
  let page: Page;
  const name = `w-${randomName()}`.toLowerCase();
  const panel = (label: string) => page.getByRole('button', { name: label, exact: true }).click();
  const say = async (text: string) => {
    await page.getByLabel('Message', { exact: true }).fill(text);
    await page.keyboard.press('Control+Enter');
  };
  /** The output of a tool is folded: it is there, and may not be in sight. */
  const printed = (text: RegExp) => page.getByRole('log').getByText(text).first().waitFor({ state: 'attached' });

  beforeAll(async () => {
    under = await PageUnderTest.start();
    ({ page } = await under.enter());
    page.setDefaultTimeout(LONG_MS);
  }, 240_000);
  afterAll(() => under.close(), 120_000);

  it('creates one in steps, and starts an agent in it', async () => {
    await page.getByRole('link', { name: 'Workspaces' }).click();
    await page.getByRole('button', { name: 'New workspace' }).first().click();
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Create workspace' }).click();
    await page.getByRole('heading', { name }).waitFor();
    await page.getByRole('button', { name: /^Start / }).waitFor();
    await page.getByLabel('Agent').selectOption('fake');
    await page.getByRole('button', { name: /^Start / }).click();
    await page.getByRole('status').getByText('Idle').waitFor();
  }, 300_000);

  it('talks with the agent, and shows the same after a reload', async () => {
    await say('/exec git init -q . ; printf "# Hello\\n" > README.md; echo made');
    await printed(/^made/m);
    await page.reload();
    await printed(/^made/m);
  }, 300_000);

  it('approves beside the conversation what the agent wants to send', async () => {
    await say(`/exec linear create-issue --title "Of ${name}" --team ENG`);
    await page.getByRole('button', { name: 'Approve once' }).click();
    await printed(new RegExp(`created ENG-\\d+ +Of ${name}`));
  }, 300_000);

  it('opens, changes and saves a file, and shows the difference', async () => {
    await panel('Files');
    await page.getByRole('treeitem').getByText('README.md').click();
    await page.locator('.cm-content').getByText('Hello').click();
    await page.keyboard.press('End');
    await page.keyboard.type(' more');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('not saved').waitFor({ state: 'detached' });
    await panel('Changes');
    await page.getByRole('list', { name: 'Changed files' }).getByText('README.md').waitFor();
  }, 300_000);

  it('asks which one stays when the file was changed meanwhile', async () => {
    await panel('Files');
    await page.locator('.cm-content').getByText('Hello').click();
    await page.keyboard.press('End');
    await page.keyboard.type(' mine');
    await say('/exec printf "theirs\\n" > README.md; echo overwritten');
    await printed(/^overwritten/m);
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('theirs', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Take theirs' }).click();
    await page.locator('.cm-content').getByText('theirs').waitFor();
  }, 300_000);

  it('runs a shell, and has what it printed after a reload', async () => {
    await panel('Terminal');
    await page.getByRole('button', { name: 'Open a terminal' }).click();
    await page.locator('.xterm').click();
    await page.keyboard.type('echo $((6*7))-answer\n');
    await page.locator('.xterm-accessibility').getByText('42-answer').first().waitFor({ state: 'attached' });
    await page.reload();
    await page.locator('.xterm-accessibility').getByText('42-answer').first().waitFor({ state: 'attached' });
  }, 300_000);

  it('shows what was blocked, and lets it through with one press', async () => {
    await say('/exec curl -sS -m 5 https://example.org; echo refused');
    await page.getByRole('button', { name: 'Allow example.org' }).click();
    await page.getByRole('complementary', { name: 'Details' }).getByText('yours').waitFor();
  }, 300_000);

  it('is gone through by name, from the keyboard', async () => {
    await page.getByRole('heading', { name }).click();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).fill('audit');
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Timeline' }).getByText('linear.create_issue').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
  }, 300_000);

  it.each([
    ['light', 1440],
    ['dark', 390],
  ] as const)(
    'has nothing that axe finds, in %s at %d pixels, and nothing is wider than the screen',
    async (theme, width) => {
      const { page: look } = await under.enter({ colorScheme: theme, viewport: { width, height: 844 } });
      look.setDefaultTimeout(LONG_MS);
      const check = async (place: string) => {
        const { violations } = await new AxeBuilder({ page: look }).analyze();
        expect(violations.map(({ id, nodes }) => `${place}: ${id} ${nodes[0]?.html ?? ''}`)).toEqual([]);
        expect(await look.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
        await look.screenshot({ path: join(SCREENS, `workspace-${place}-${theme}-${width}.png`) });
      };
      await look.getByRole('link', { name: 'Spend' }).click();
      await look.getByRole('heading', { name: 'Spend' }).waitFor();
      await check('spend');
      await look.getByRole('link', { name: 'Workspaces' }).click();
      await look.getByRole('link', { name }).waitFor();
      await check('list');
      await look.getByRole('link', { name }).click();
      await look.getByRole('log').waitFor();
      await check('chat');
      for (const place of ['Files', 'Changes', 'Terminal', 'Logs']) {
        await look.getByRole('button', { name: place, exact: true }).click();
        await check(place.toLowerCase());
      }
      await look.context().close();
    },
    300_000,
  );

  it('is deleted after asking, which says what is lost', async () => {
    await page.getByRole('link', { name: 'Workspaces' }).click();
    await page.getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await page.getByRole('dialog').getByText('every change that was not pushed').waitFor();
    await page.getByRole('button', { name: `Delete ${name}` }).click();
    await page.getByRole('link', { name }).waitFor({ state: 'detached' });
  }, 300_000);
});
