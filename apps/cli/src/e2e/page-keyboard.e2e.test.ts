// The whole way by keyboard alone: from an empty list to a workspace that is deleted again, without one pointer event.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { LONG_MS } from './journey.fixture.js';
import { Keyboard } from './keyboard.fixture.js';
import { hasBrowser, PageUnderTest } from './page.fixture.js';
import { randomName } from './running-service.fixture.js';

const COMMIT = 'git -c user.name=Ada -c user.email=ada@example.org commit -qm First';
const describeWithBrowser = hasBrowser ? describe : describe.skip;

describeWithBrowser('a person with a keyboard', () => {
  let under: PageUnderTest;
  let page: Page;
  let keys: Keyboard;
  const name = `k-${randomName()}`.toLowerCase();
  const printed = (text: RegExp) => page.getByRole('log').getByText(text).first().waitFor({ state: 'attached' });
  /** From the button of the menu; a letter goes to what begins with it, once the menu has the focus. */
  const chooseDelete = async (): Promise<void> => {
    await keys.press('Enter');
    await page.locator('[role=menuitem]:focus').waitFor();
    await keys.press('d');
    await keys.isAt(/^Delete…$/);
    await keys.press('Enter');
  };

  beforeAll(async () => {
    under = await PageUnderTest.start();
    page = await under.newPage();
    page.setDefaultTimeout(LONG_MS);
    keys = new Keyboard(page);
    await keys.countPointers();
    await page.goto(await under.up.link());
    await page.getByRole('heading', { name: 'Workspaces' }).waitFor();
  }, 240_000);
  afterAll(() => under.close(), 120_000);

  it('skips to the page, and opens and closes a dialog', async () => {
    await page.reload();
    await page.getByRole('heading', { name: 'Workspaces' }).waitFor();
    await keys.press('Tab');
    await keys.isAt(/^Skip to the page$/);
    await keys.press('Enter', 'Tab');
    await keys.isAt(/^New workspace$/);
    await keys.press('Enter');
    await keys.isAt(/^Name$/);
    await keys.press('Escape');
    await keys.isAt(/^New workspace$/);
  }, 180_000);

  it('creates a workspace, starts an agent and talks with it', async () => {
    await keys.press('Enter');
    await keys.isAt(/^Name$/);
    await keys.type(name);
    await keys.press('Enter');
    await page.getByRole('heading', { name }).waitFor();
    await page.getByRole('button', { name: /^Start / }).waitFor();
    await keys.tabTo(/^Agent$/);
    await keys.type('fake');
    await keys.tabTo(/^Start fake$/);
    await keys.press('Enter');
    await page.getByRole('status').getByText('Idle').waitFor();
    await keys.isAt(/^Message$/);
    await keys.type(`/exec git init -q . ; printf "# Hello\\n" > README.md; git add . ; ${COMMIT}; echo made`);
    await keys.press('Enter');
    await printed(/^made/m);
  }, 300_000);

  it('approves what the agent asks for, and is back where it writes', async () => {
    await keys.type(`/exec linear create-issue --title "Of ${name}" --team ENG`);
    await keys.press('Enter');
    await page.getByRole('region', { name: 'Approval' }).waitFor();
    await keys.tabTo(/^Approve once$/);
    await keys.press('Enter');
    await printed(new RegExp(`created ENG-\\d+ +Of ${name}`));
    await keys.isAt(/^Message$/);
  }, 180_000);

  it('opens, changes and saves a file, leaves the editor, and sees the difference', async () => {
    await keys.tabTo(/^Files$/);
    await keys.press('Enter');
    await page.getByRole('treeitem').getByText('README.md').waitFor();
    await keys.tabTo(/^README\.md$/);
    await keys.press('Enter');
    await page.locator('.cm-content').getByText('Hello').waitFor();
    await keys.tabTo(/^Content of the file/);
    await keys.press('Control+Home', 'End');
    await keys.type(' more');
    await page.getByText('not saved').waitFor();
    await keys.press('Control+s');
    await page.getByText('not saved').waitFor({ state: 'detached' });
    await keys.press('Escape', 'Tab');
    expect((await keys.focused())?.name).not.toMatch(/^Content of the file/);
    await keys.tabTo(/^Changes$/);
    await keys.press('Enter');
    await page.getByRole('list', { name: 'Changed files' }).getByText('README.md').waitFor();
    await keys.tabTo(/^README\.md/);
    await keys.press('Enter');
    await page.getByRole('list', { name: 'Changed files' }).getByText('# Hello more').waitFor();
  }, 180_000);

  it('works in a terminal, and leaves it', async () => {
    await keys.tabTo(/^Terminal$/);
    await keys.press('Enter');
    await page.getByRole('button', { name: 'Open a terminal' }).waitFor();
    await keys.tabTo(/^Open a terminal$/);
    await keys.press('Enter');
    await page.locator('.xterm').waitFor();
    await keys.tabTo(/leave the terminal\.$/);
    await keys.type('echo $((6*7))-answer');
    await keys.press('Enter');
    await page.locator('.xterm-accessibility').getByText('42-answer').first().waitFor({ state: 'attached' });
    await keys.press('Tab');
    await keys.isAt(/leave the terminal\.$/);
    await keys.press('Control+Shift+Escape');
    await keys.isAt(/^Back into the terminal$/);
  }, 180_000);

  it('deletes the workspace after being asked, and is nowhere lost', async () => {
    await keys.tabTo(new RegExp(`^Actions for ${name}$`));
    await chooseDelete();
    await page.getByRole('dialog').getByText('every change that was not pushed').waitFor();
    await keys.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await keys.isAt(new RegExp(`^Actions for ${name}$`));
    await chooseDelete();
    await page.getByRole('dialog').waitFor();
    await keys.tabTo(new RegExp(`^Delete ${name}$`));
    await keys.press('Enter');
    await page.getByRole('link', { name: 'All workspaces' }).waitFor();
    await keys.tabTo(/^All workspaces$/);
    await keys.press('Enter');
    await page.getByRole('heading', { name: 'Workspaces' }).waitFor();
    expect(await page.getByRole('link', { name }).count()).toBe(0);
    expect(await keys.pointerEvents()).toBe(0);
  }, 300_000);
});
