// A vault that is opened in the browser: the passphrase stays there, a sealed lease is what leaves.
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { workspaceApi } from '../api/workspace-api.js';
import { requireService } from '../home/service-file.js';
import { createWorkspace, LONG_MS } from './journey.fixture.js';
import { hasBrowser, PageUnderTest } from './page.fixture.js';
import { eventually } from './running-service.fixture.js';

const describeWithBrowser = hasBrowser ? describe : describe.skip;

describeWithBrowser('a workspace that is locked', () => {
  let under: PageUnderTest;
  let page: Page;
  let sessionId: string;
  const sent: string[] = [];
  const client = () => workspaceApi(requireService(under.home));

  beforeAll(async () => {
    under = await PageUnderTest.start();
    const { workspaceId } = await createWorkspace(client());
    // A restart loses every lease; without the demo, nobody gives a new one by himself.
    await under.up.killAndStartAgain({ demo: false });
    const now = () => client().getWorkspace({ params: { workspaceId } });
    await eventually(async () => (await now()).attentionReasons.includes('locked'), LONG_MS);
    sessionId = (await now()).sessionId ?? '';
    ({ page } = await under.enter());
    page.setDefaultTimeout(LONG_MS);
    page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
    await page.goto(`${under.url}/workspaces/${workspaceId}`);
  }, 300_000);
  afterAll(() => under.close(), 120_000);

  const unlockWith = async (passphrase: string) => {
    await page.getByLabel('Passphrase').fill(passphrase);
    await page.keyboard.press('Enter');
  };

  it('says so, and takes no other passphrase than the right one', async () => {
    await page.getByRole('button', { name: 'Unlock…' }).click();
    await unlockWith('not the passphrase of anybody');
    await page.getByText('That is not the passphrase.').waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(await under.api.getSession(sessionId)).toMatchObject({ locked: true });
  }, 180_000);

  it('is unlocked in the browser, whose passphrase goes nowhere', async () => {
    const passphrase = under.passphrase.exposeString();
    await unlockWith(passphrase);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Unlock…' }).waitFor({ state: 'detached' });
    expect(await under.api.getSession(sessionId)).toMatchObject({ locked: false });
    expect(sent.some((request) => request.includes(`/sessions/${sessionId}/lease`))).toBe(true);
    expect(sent.filter((request) => request.includes(passphrase))).toEqual([]);
  }, 180_000);
});
