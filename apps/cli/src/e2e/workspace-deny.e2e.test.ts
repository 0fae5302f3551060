// A refusal beside the conversation: the agent reads why, and nothing is sent.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { workspaceApi } from '../api/workspace-api.js';
import { requireService } from '../home/service-file.js';
import { createWorkspace, LONG_MS, Talk } from './journey.fixture.js';
import { hasBrowser, PageUnderTest } from './page.fixture.js';
import { randomName } from './running-service.fixture.js';

const describeWithBrowser = hasBrowser ? describe : describe.skip;

describeWithBrowser('a request that a person denies beside the conversation', () => {
  let under: PageUnderTest;
  let page: Page;
  let workspaceId: string;
  const [denied, approved] = [`Denied ${randomName()}`, `Approved ${randomName()}`];
  const printed = (text: RegExp) => page.getByRole('log').getByText(text).first().waitFor({ state: 'attached' });
  const say = async (text: string) => {
    await page.getByLabel('Message', { exact: true }).fill(text);
    await page.keyboard.press('Enter');
  };

  beforeAll(async () => {
    under = await PageUnderTest.start();
    const client = workspaceApi(requireService(under.home));
    const workspace = await createWorkspace(client);
    ({ workspaceId } = workspace);
    await Talk.start(client, workspace);
    ({ page } = await under.enter());
    page.setDefaultTimeout(LONG_MS);
    await page.goto(`${under.url}/workspaces/${workspaceId}`);
    await page.getByRole('status').getByText('Idle').waitFor();
  }, 240_000);
  afterAll(() => under.close(), 120_000);

  it('is refused to the agent with the reason, in the conversation', async () => {
    await say(`/exec linear create-issue --title "${denied}" --team ENG`);
    const card = page.getByRole('region', { name: 'Approval' });
    await card.getByText(denied).waitFor();
    await card.getByLabel(/Reason/).fill('not on a Friday');
    await card.getByRole('button', { name: 'Deny' }).click();
    await card.waitFor({ state: 'detached' });
    await printed(/APPROVAL_DENIED[^]*not on a Friday|not on a Friday[^]*APPROVAL_DENIED/);
    await page.getByRole('status').getByText('Idle').waitFor();
  }, 180_000);

  it('was never sent: of the two that were asked for, Linear knows the approved one', async () => {
    await say(`/exec linear create-issue --title "${approved}" --team ENG`);
    await page.getByRole('button', { name: 'Approve once' }).click();
    await printed(new RegExp(`created ENG-\\d+ +${approved}`));
    await say('/exec linear list-issues; echo listed');
    await printed(/^listed/m);
    const listed = await page
      .getByRole('log')
      .getByText(/^listed/m)
      .first()
      .textContent();
    expect(listed).toContain(approved);
    expect(listed).not.toContain(denied);
  }, 180_000);

  it('is in the audit as denied, by whom and why', async () => {
    await page.goto(`${under.url}/audit`);
    await page.getByLabel('What').selectOption('refused');
    await page.getByRole('list', { name: 'Timeline' }).getByText('APPROVAL_DENIED').first().waitFor();
    const { approvals } = await under.api.listApprovals({ state: 'denied' });
    const found = approvals.find(({ preview }) => JSON.stringify(preview.arguments).includes(denied));
    expect(found).toMatchObject({ state: 'denied', operation: 'linear.create_issue' });
  }, 180_000);
});
