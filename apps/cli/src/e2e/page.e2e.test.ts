// The page in a real browser, against everything real behind it.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { hasBrowser, PageUnderTest } from './page.fixture.js';
import { createIssue, randomName } from './running-service.fixture.js';

/** What each page looked like: ignored by git, for people to look at (pnpm screens). */
const SCREENS = fileURLToPath(new URL('../../../../data/screens', import.meta.url));

/** A browser on a loaded machine takes its time. */
jest.setTimeout(180_000);

const describeWithBrowser = hasBrowser ? describe : describe.skip;

describeWithBrowser('the page', () => {
  let under: PageUnderTest;
  beforeAll(async () => {
    under = await PageUnderTest.start();
  }, 240_000);
  afterAll(() => under.close(), 120_000);

  const row = (page: Page, title: string) => page.getByRole('link', { name: new RegExp(title) });

  it('shows what an agent asks, and sends it once it is approved here', async () => {
    const { page, complaints } = await under.enter();
    const session = await under.startSession();
    const title = `Broken link ${randomName()}`;
    const held = createIssue(session, title);
    await row(page, title).click();
    const card = page.getByRole('region', { name: 'Approval' });
    await card.getByText('linear.create_issue', { exact: true }).first().waitFor();
    expect(await card.getByLabel('Arguments').textContent()).toContain(title);
    await card.getByRole('button', { name: 'Approve once' }).click();
    expect(await held).toMatchObject({ status: 200 });
    await card.getByText('Approved and sent').waitFor();
    expect(complaints).toEqual([]);
  });

  it('gives the agent the reason of a refusal, and sends nothing', async () => {
    const { page } = await under.enter();
    const title = `Delete everything ${randomName()}`;
    const held = createIssue(await under.startSession(), title);
    await row(page, title).click();
    await page.getByLabel(/Reason/).fill('not on a Friday');
    await page.getByRole('button', { name: 'Deny' }).click();
    const answer = await held;
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('not on a Friday');
  });

  it('is used by keyboard alone', async () => {
    const { page } = await under.enter();
    const title = `By keys ${randomName()}`;
    const held = createIssue(await under.startSession(), title);
    await row(page, title).waitFor();
    await tabTo(page, new RegExp(title));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Approve once' }).waitFor();
    await tabTo(page, /Reason/);
    await page.keyboard.press('Enter');
    expect(await held).toMatchObject({ status: 200 });
  });

  it('shows what hides in an agent’s text as what it is', async () => {
    const { page } = await under.enter();
    const name = randomName();
    const held = createIssue(await under.startSession(), `${name} \u202edesrever\u200b <b>bold</b>`);
    await row(page, name).click();
    const card = page.getByRole('region', { name: 'Approval' });
    await card.getByText('U+202E').first().waitFor();
    expect(await card.locator('b').count()).toBe(0);
    await card.getByRole('button', { name: 'Deny' }).click();
    await held;
  });

  it('verifies the audit chain itself, and filters it', async () => {
    const { page, complaints } = await under.enter();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('list', { name: 'Timeline' }).getByText('linear.create_issue').first().waitFor();
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    await page.getByText('Verified', { exact: true }).waitFor();
    await page.getByLabel('What').selectOption('refused');
    await page.getByText('APPROVAL_DENIED').first().waitFor();
    expect(complaints).toEqual([]);
  });

  it('ends a session after asking, and says what is lost', async () => {
    const { page } = await under.enter();
    const { sessionId } = await under.startSession();
    await page.getByRole('link', { name: 'Sessions' }).click();
    const item = page.getByRole('listitem').filter({ hasText: sessionId });
    await item.getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByText('cut within a second').waitFor();
    await page.getByRole('button', { name: 'End the session' }).click();
    await item.getByText('Ended').waitFor();
    expect(await under.api.getSession(sessionId)).toMatchObject({ state: 'ended' });
  });

  it('lets nobody in without a link, and a link only once', async () => {
    const { page } = await under.enter();
    const context = await page.context().browser()!.newContext();
    const other = await context.newPage();
    await other.goto(under.url);
    await other.getByText('Open Aileron by its link').waitFor();
    const { link } = await under.linkApi().createLink();
    await other.goto(link);
    await other.getByRole('navigation', { name: 'Main' }).waitFor();
    expect(other.url()).not.toContain('#');
    const third = await (await page.context().browser()!.newContext()).newPage();
    await third.goto(link);
    await third.getByText('This link is not good any more').waitFor();
  });

  it.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
    ['dark', 390],
  ] as const)(
    'has nothing that axe finds, in %s at %d pixels, and nothing is wider than the screen',
    async (theme, width) => {
      const { page } = await under.enter({ colorScheme: theme, viewport: { width, height: 844 } });
      const title = `Seen ${randomName()}`;
      const held = createIssue(await under.startSession(), title).catch(() => undefined);
      await row(page, title).click();
      await page.getByRole('region', { name: 'Approval' }).waitFor();
      for (const place of ['Approval', 'Sessions', 'Audit']) {
        if (place !== 'Approval') await page.getByRole('link', { name: place }).first().click();
        await page.getByRole('heading', { level: 1 }).waitFor();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${place}: ${id} ${nodes[0]?.html ?? ''}`)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
        await page.screenshot({ path: join(SCREENS, `${place.toLowerCase()}-${theme}-${width}.png`) });
      }
      const { approvals } = await under.api.listApprovals({ state: 'pending' });
      for (const { sessionId } of approvals) await under.api.endSession(sessionId);
      await held;
    },
  );
});

/** Presses Tab until the focused element is called so; fails after a whole round. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = String(
      await page.evaluate(
        '(document.activeElement?.textContent ?? "") + (document.activeElement?.labels?.[0]?.textContent ?? "")',
      ),
    );
    if (name.test(focused)) return;
  }
  throw new Error(`no element called ${name} takes the focus`);
}
