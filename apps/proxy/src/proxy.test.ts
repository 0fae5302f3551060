import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApprovalState } from '@aileron/contracts/grpc';
import {
  ANTHROPIC,
  createIssue,
  keys,
  LINEAR,
  message,
  openTunnel,
  PLACEHOLDERS,
  policyBundle,
  requestText,
  send,
  TestWorld,
  until,
  viewer,
} from './proxy.fixture.js';
import { expectCleanRecords, issuesTitled, pendingApproval, recordKinds } from './proxy-oracles.fixture.js';

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(async () => {
  await world.close();
  await expectCleanRecords(world);
});

describe('a mediated call', () => {
  it('reaches the upstream with the real credential, and leaves an intent and an outcome', async () => {
    const session = await world.session();
    const answer = await send(session, LINEAR, { ...viewer, headers: { authorization: PLACEHOLDERS.linear } });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ data: { viewer: { id: expect.any(String) } } });
    expect(world.linear.requests.at(-1)?.header('authorization')).toEqual([world.linearSecret.value]);
    const records = await world.records(session.info.sessionId);
    expect(records.map(({ kind }) => kind)).toEqual(['session', 'intent', 'outcome']);
    expect(records[1]).toMatchObject({
      operation: 'linear.viewer',
      policy: { verdict: 'allow' },
      credential: 'crd_linear',
    });
    expect(records[2]).toMatchObject({ intentId: records[1]?.['id'], outcome: { state: 'ok', status: 200 } });
    expect(world.resolved).toEqual([]);
  });

  it('counts tokens and money of a streamed model answer', async () => {
    const session = await world.session();
    const answer = await send(session, ANTHROPIC, message(true));
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toContain('message_stop');
    expect(world.anthropic.requests.at(-1)?.header('x-api-key')).toEqual([world.anthropicSecret.value]);
    const outcome = (await world.records(session.info.sessionId)).find(({ kind }) => kind === 'outcome');
    const usage = world.anthropic.usage.at(-1) as unknown as Record<string, number>;
    expect(outcome).toMatchObject({ outcome: { tokens: { complete: true }, costUsd: expect.any(Number) } });
    const { tokens } = (outcome?.['outcome'] ?? { tokens: {} }) as { tokens: Record<string, number> };
    expect([tokens['inputTokens'], tokens['outputTokens']]).toEqual([usage['inputTokens'], usage['outputTokens']]);
  });

  it('has the outcome on record before the agent sees the end of the answer', async () => {
    const session = await world.session();
    using client = await openTunnel(session, LINEAR);
    for (let i = 0; i < 20; i++) {
      client.write(requestText(LINEAR, viewer));
      expect((await client.readResponse()).status).toBe(200);
      const records = await recordKinds(world, session);
      expect(records.filter((kind) => kind === 'outcome')).toHaveLength(i + 1);
    }
  });
});

describe('an asked call', () => {
  it('is held until a person approves with a key, then sent once, with every step on record', async () => {
    const session = await world.session();
    const { decrypts } = world.credentials;
    const { requests } = world.linear;
    const before = requests.length;
    const answer = send(session, LINEAR, createIssue('approved'));
    const approvalId = await pendingApproval(world, session);
    expect([world.credentials.decrypts, requests.length]).toEqual([decrypts, before]);
    await world.management.decide(approvalId, keys.device.signing, 'approve');
    expect((await answer).status).toBe(200);
    expect(issuesTitled(world, 'approved')).toBe(1);
    expect(await recordKinds(world, session)).toEqual([
      'session',
      'decision',
      'decision',
      'decision',
      'intent',
      'outcome',
    ]);
    const records = await world.records(session.info.sessionId);
    expect(records.slice(1, 4).map(({ approval }) => (approval as { state: string }).state)).toEqual([
      'pending',
      'approved',
      'consumed',
    ]);
    expect(records[2]).toMatchObject({
      approval: { id: approvalId, approver: 'Ada', keyId: keys.device.signing.keyId },
    });
    expect(records[4]).toMatchObject({
      approval: { id: approvalId, approver: 'Ada' },
      policy: { verdict: 'ask', rule: 'linear.create_issue' },
    });
    expect(world.management.approvals.get(approvalId)?.state).toBe(ApprovalState.CONSUMED);
  });

  it('shows the approver the arguments, and hashes what is shown', async () => {
    const session = await world.session();
    const answer = send(session, LINEAR, createIssue('shown'));
    const approvalId = await pendingApproval(world, session);
    const preview = JSON.parse(
      Buffer.from(world.management.approvals.get(approvalId)?.preview ?? []).toString(),
    ) as unknown;
    expect(preview).toMatchObject({
      operation: 'linear.create_issue',
      method: 'POST',
      target: 'https://api.linear.app/graphql',
      arguments: { input: { title: 'shown', teamId: 'ENG' } },
      bodyShown: true,
      credential: 'crd_linear',
    });
    await world.management.decide(approvalId, keys.device.signing, 'deny');
    const refusal = await answer;
    expect([refusal.status, refusal.json()]).toMatchObject([
      403,
      {
        code: 'APPROVAL_DENIED',
        reason: 'not today',
        operation: 'linear.create_issue',
        rule: 'linear.create_issue',
        approvalId,
        auditId: expect.stringMatching(/^aud_/),
      },
    ]);
    expect(issuesTitled(world, 'shown')).toBe(0);
    expect((await recordKinds(world, session)).filter((kind) => kind === 'refused')).toHaveLength(1);
  });

  it('asks again when the used one is repeated, and refuses one byte changed', async () => {
    const session = await world.session();
    const first = send(session, LINEAR, createIssue('once'));
    const approvalId = await pendingApproval(world, session);
    await world.management.decide(approvalId, keys.device.signing, 'approve');
    expect((await first).status).toBe(200);
    const again = send(session, LINEAR, createIssue('once'));
    const second = await pendingApproval(world, session);
    expect(second).not.toBe(approvalId);
    const changed = send(session, LINEAR, createIssue('oncE'));
    await until(
      () =>
        [...world.management.approvals.values()].filter(
          ({ sessionId, state }) => sessionId === session.info.sessionId && state === ApprovalState.PENDING,
        ).length === 2,
    );
    expect(issuesTitled(world, 'once')).toBe(1);
    expect(issuesTitled(world, 'oncE')).toBe(0);
    for (const row of world.management.approvals.values())
      if (row.state === ApprovalState.PENDING)
        await world.management.decide(row.approvalId, keys.device.signing, 'deny');
    expect([(await again).status, (await changed).status]).toEqual([403, 403]);
    expect(issuesTitled(world, 'once')).toBe(1);
  });

  it('is sent once when two identical requests wait for the same approval', async () => {
    const session = await world.session();
    const answers = [send(session, LINEAR, createIssue('twice')), send(session, LINEAR, createIssue('twice'))];
    const approvalId = await pendingApproval(world, session);
    await until(async () => world.management.approvals.get(approvalId) !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await world.management.decide(approvalId, keys.device.signing, 'approve');
    const settled = await Promise.all(answers);
    expect(settled.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect(issuesTitled(world, 'twice')).toBe(1);
  });

  it.each([
    [
      'set to approved without a signature',
      async (id: string) => world.management.setState(id, ApprovalState.APPROVED),
    ],
    [
      'signed by a key that nobody registered',
      (id: string) => world.management.decide(id, keys.stranger.signing, 'approve'),
    ],
    [
      'signed for another digest',
      (id: string) => world.management.decide(id, keys.device.signing, 'approve', { digest: 'A'.repeat(43) }),
    ],
    [
      'signed for another preview',
      (id: string) => world.management.decide(id, keys.device.signing, 'approve', { previewSha256: 'A'.repeat(43) }),
    ],
    [
      'signed for another session',
      (id: string) => world.management.decide(id, keys.device.signing, 'approve', { sessionId: 'ses_other' as never }),
    ],
    [
      'signed for another approval',
      (id: string) => world.management.decide(id, keys.device.signing, 'approve', { approvalId: 'apr_other' as never }),
    ],
    [
      'denied by a person and set to approved',
      (id: string) => world.management.decide(id, keys.device.signing, 'deny', { state: ApprovalState.APPROVED }),
    ],
    [
      'approved until a time that has passed',
      (id: string) =>
        world.management.decide(id, keys.device.signing, 'approve', {
          expiresAt: new Date(Date.now() - 1_000).toISOString(),
        }),
    ],
  ])('is refused when the approval is %s', async (how, forge) => {
    const session = await world.session();
    const before = { requests: world.linear.requests.length, decrypts: world.credentials.decrypts };
    const answer = send(session, LINEAR, createIssue(`forged ${how}`));
    await forge(await pendingApproval(world, session));
    const { status, json } = await answer.then((response) => ({ status: response.status, json: response.json() }));
    expect(status).toBe(403);
    expect(json).toMatchObject({ code: expect.stringMatching(/^APPROVAL_(INVALID|DENIED|EXPIRED)$/) });
    expect({ requests: world.linear.requests.length, decrypts: world.credentials.decrypts }).toEqual(before);
    expect((await recordKinds(world, session)).filter((kind) => kind === 'refused')).toHaveLength(1);
    expect(await recordKinds(world, session)).not.toContain('intent');
  });

  it('sends nothing when the agent went away, and the approval is there for its retry', async () => {
    const session = await world.session();
    const client = await openTunnel(session, LINEAR);
    client.write(requestText(LINEAR, createIssue('gone')));
    const approvalId = await pendingApproval(world, session);
    client.close();
    await until(async () => (await recordKinds(world, session)).includes('refused'));
    await world.management.decide(approvalId, keys.device.signing, 'approve');
    expect(issuesTitled(world, 'gone')).toBe(0);
    expect((await send(session, LINEAR, createIssue('gone'))).status).toBe(200);
    expect(issuesTitled(world, 'gone')).toBe(1);
    expect(world.management.approvals.get(approvalId)?.state).toBe(ApprovalState.CONSUMED);
  });

  it('is answered 428 when nobody decides in time, and its plain retry finds the approval', async () => {
    const impatient = await TestWorld.start({ holdSeconds: 1 });
    try {
      const session = await impatient.session();
      const answer = await send(session, LINEAR, createIssue('later'));
      const [approval] = impatient.management.approvals.values();
      expect([answer.status, answer.json(), answer.header('retry-after')]).toMatchObject([
        428,
        { code: 'APPROVAL_PENDING', approvalId: approval?.approvalId, operation: 'linear.create_issue' },
        '2',
      ]);
      await impatient.management.decide(approval?.approvalId ?? '', keys.device.signing, 'approve');
      expect((await send(session, LINEAR, createIssue('later'))).status).toBe(200);
      expect(impatient.management.approvals.size).toBe(1);
      expect(impatient.linear.issues.filter(({ title }) => title === 'later')).toHaveLength(1);
    } finally {
      await impatient.close();
    }
  });

  it('is judged by the policy at its release, not by the one at its arrival', async () => {
    const session = await world.session();
    const answer = send(session, LINEAR, createIssue('overtaken'));
    const approvalId = await pendingApproval(world, session);
    const forbid = '@id("freeze") forbid (principal, action == Action::"linear.create_issue", resource);';
    world.management.publishPolicy(await policyBundle(2, [forbid]));
    await until(async () => (await world.records()).some(({ kind, version }) => kind === 'policy' && version === 2));
    await world.management.decide(approvalId, keys.device.signing, 'approve');
    const refused = await answer;
    expect([refused.status, refused.json()]).toMatchObject([403, { code: 'POLICY_DENIED' }]);
    expect(issuesTitled(world, 'overtaken')).toBe(0);
    // Whether the approval was used up depends on which step met the new policy first; that nothing was sent does not.
    const { state } = world.management.approvals.get(approvalId) ?? {};
    expect([ApprovalState.APPROVED, ApprovalState.CONSUMED]).toContain(state);
    world.management.publishPolicy(await policyBundle(3));
    await until(async () => (await world.records()).some(({ kind, version }) => kind === 'policy' && version === 3));
  });
});
