// Two browsers on one workspace while everything behind them is killed and started again in the middle of a turn, and while
// their own connections are cut.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@aileron/testing';
import type { Page } from 'playwright-core';
import { workspaceApi } from '../api/workspace-api.js';
import { requireService } from '../home/service-file.js';
import { createWorkspace, LONG_MS, Talk } from './journey.fixture.js';
import { hasBrowser, PageUnderTest } from './page.fixture.js';
import { eventually } from './running-service.fixture.js';

const describeWithBrowser = hasBrowser ? describe : describe.skip;
/** Long enough that the turn goes on while nothing is there to be attached to. */
const STEPS = 30;
const CUTS = 8;
const SHOWN = `[...document.querySelectorAll('[role=log] article, [role=log] details')].map((item) => item.textContent).join('\\n')`;

describeWithBrowser('two browsers on one workspace', () => {
  let under: PageUnderTest;
  let pages: readonly Page[];
  let talk: Talk;

  /** What a page shows of the conversation, word for word. */
  const shown = (page: Page): Promise<string> => page.evaluate<string>(SHOWN);
  /** One of them may draw a moment later. */
  const becomeEqual = () => eventually(async () => new Set(await Promise.all(pages.map(shown))).size === 1, LONG_MS);
  const stateOf = (page: Page) => page.getByRole('status').last().innerText();
  const numbersIn = (text: string, word: string) =>
    [...text.matchAll(new RegExp(`^${word}-(\\d+)$`, 'gm'))].map(([, number]) => Number(number));
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

  beforeAll(async () => {
    under = await PageUnderTest.start({ cuttable: true });
    const client = workspaceApi(requireService(under.home));
    const workspace = await createWorkspace(client);
    talk = await Talk.start(client, workspace);
    // So high that everything of the conversation is drawn.
    const viewport = { width: 1440, height: 4_000 };
    pages = await Promise.all(
      [1, 2].map(async () => {
        const { page } = await under.enter({ viewport });
        page.setDefaultTimeout(LONG_MS);
        await page.goto(`${under.url}/workspaces/${workspace.workspaceId}`);
        await page.getByRole('status').getByText('Idle').waitFor();
        return page;
      }),
    );
  }, 300_000);
  afterAll(() => under.close(), 120_000);

  it('go on by themselves, and show the same, nothing lost and nothing twice', async () => {
    const steps = upTo(STEPS).map((step) => `/exec sleep 0.5; printf '\\nstep-${step}\\n'`);
    await talk.say([...steps, '/say and that was all'].join('\n'));
    for (const page of pages)
      await page
        .getByRole('log')
        .getByText(/^step-3$/m)
        .first()
        .waitFor({ state: 'attached' });
    await under.up.killAndStartAgain();
    const isOver = async (page: Page) =>
      numbersIn(await shown(page), 'step').includes(STEPS) && (await stateOf(page)).includes('Idle');
    await eventually(async () => (await Promise.all(pages.map(isOver))).every(Boolean), LONG_MS);
    await becomeEqual();
    for (const page of pages) expect(numbersIn(await shown(page), 'step')).toEqual(upTo(STEPS));
  }, 300_000);

  it('need no new link: what one of them says, the other shows, once', async () => {
    const [one, other] = pages as [Page, Page];
    await one.getByLabel('Message', { exact: true }).fill('once more');
    await one.keyboard.press('Enter');
    for (const page of pages) await page.getByRole('log').getByText('You said: once more').waitFor();
    expect(await other.getByRole('log').getByText('You said: once more').count()).toBe(1);
    await becomeEqual();
  }, 180_000);

  it('show each word once, and a terminal without a gap, however often their connections are cut', async () => {
    const random = seededRandom(11);
    const [one] = pages as [Page, Page];
    await one.getByRole('button', { name: 'Terminal', exact: true }).click();
    await one.getByRole('button', { name: 'Open a terminal' }).click();
    await one.locator('.xterm').click();
    await one.keyboard.type('for i in $(seq 1 400); do echo "line-$i"; sleep 0.05; done; echo "the $((1+1))nd end"\n');
    const sockets = pages.map((page) => countSockets(page));
    await talk.say(
      upTo(STEPS)
        .map((step) => `/say word-${step}\n/wait 600`)
        .join('\n'),
    );
    for (let cuts = 0; cuts < CUTS; cuts += 1) {
      await one.waitForTimeout(500 + random() * 1_500);
      const before = sockets.map((count) => count());
      await under.cut(random() < 0.5 ? 0 : random() * 30);
      // Each was attached, and comes back.
      await eventually(() => sockets.every((count, index) => count() > (before[index] ?? 0)), LONG_MS);
    }
    const rows = one.locator('.xterm-accessibility [role=listitem]');
    await rows.getByText('the 2nd end').first().waitFor({ state: 'attached' });
    // What is drawn of it: the last lines, as many as have room.
    const lines = (await rows.allInnerTexts()).filter((row) => row.startsWith('line-'));
    expect(lines.length).toBeGreaterThanOrEqual(20);
    expect(lines).toEqual(lines.map((_, i) => `line-${401 - lines.length + i}`));
    for (const page of pages) await page.getByRole('log').getByText(`word-${STEPS}`, { exact: true }).waitFor();
    await becomeEqual();
    for (const page of pages) expect(numbersIn(await shown(page), 'word')).toEqual(upTo(STEPS));
  }, 300_000);
});

/** WebSockets that a page has opened from now on. */
function countSockets(page: Page): () => number {
  let count = 0;
  page.on('websocket', () => (count += 1));
  return () => count;
}
