import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApprovalState } from '@aileron/contracts/grpc';
import { type RawResponse, RawClient } from '@aileron/testing';
import {
  createIssue,
  LINEAR,
  openTunnel,
  requestText,
  send,
  type TestSession,
  TestWorld,
  until,
  viewer,
} from '../proxy.fixture.js';

let world: TestWorld;
let session: TestSession;
let other: TestSession;
beforeAll(async () => {
  world = await TestWorld.start();
  [session, other] = [await world.session(), await world.session()];
});
afterAll(() => world.close());

async function ask(
  path: string,
  options: { token?: string | null; method?: string; socketPath?: string } = {},
): Promise<RawResponse> {
  const { token = session.token, method = 'GET', socketPath = session.socketPath } = options;
  using client = await RawClient.connect({ socketPath });
  const authorization = token === null ? '' : `Authorization: Bearer ${token}\r\n`;
  client.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:3128\r\n${authorization}\r\n`);
  return await client.readResponse();
}

describe("the agent's own API", () => {
  it('tells a session about itself', async () => {
    const answer = await ask('/v1/self/status');
    expect([answer.status, answer.json()]).toMatchObject([
      200,
      { sessionId: session.info.sessionId, agent: 'fake', enforcing: true },
    ]);
  });

  it("lists its approvals and records, and nobody else's", async () => {
    expect((await send(session, LINEAR, viewer)).status).toBe(200);
    expect((await send(other, LINEAR, viewer)).status).toBe(200);
    using client = await openTunnel(other, LINEAR);
    client.write(requestText(LINEAR, createIssue('of another')));
    await until(() => [...world.management.approvals.values()].some(({ state }) => state === ApprovalState.PENDING));
    expect((await ask('/v1/self/approvals')).json()).toEqual({ approvals: [] });
    const theirs = await ask('/v1/self/approvals', { token: other.token, socketPath: other.socketPath });
    expect(theirs.json()).toMatchObject({
      approvals: [{ operation: 'linear.create_issue', state: 'pending', decidedAt: null }],
    });
    await until(() => world.management.auditLines.length > 8);
    const { records } = (await ask('/v1/self/audit?limit=50')).json() as {
      records: { sessionId: string; kind: string }[];
    };
    expect(new Set(records.map(({ sessionId }) => sessionId))).toEqual(new Set([session.info.sessionId]));
    expect(records.map(({ kind }) => kind)).toContain('outcome');
  });

  it('lists the actions of the connectors in force', async () => {
    const { actions } = (await ask('/v1/self/actions')).json() as { actions: { name: string }[] };
    expect(actions.map(({ name }) => name)).toContain('linear.create_issue');
  });

  it.each([
    ['no token', { token: null }, 401, 'UNAUTHENTICATED'],
    ['a wrong token', { token: 'agt_wrong' }, 401, 'UNAUTHENTICATED'],
  ])('refuses %s', async (_, options, status, code) => {
    for (const path of ['/v1/self/status', '/v1/self/audit', '/v1/approvals', '/nothing']) {
      const answer = await ask(path, options);
      expect([answer.status, answer.json()]).toMatchObject([status, { code }]);
    }
  });

  it("refuses the token of another session on this session's socket", async () => {
    expect((await ask('/v1/self/status', { token: other.token })).status).toBe(401);
  });

  it.each([
    ['GET', '/v1/approvals'],
    ['GET', '/v1/self'],
    ['GET', '/v1/self/approvals/'],
    ['GET', '/v1/self/constructor'],
    ['GET', '/__proto__'],
    ['POST', '/v1/self/approvals'],
    ['POST', '/v1/approvals/apr_1/decision'],
    ['DELETE', '/v1/self/status'],
    ['GET', '/metrics'],
  ])('has nothing at %s %s', async (method, path) => {
    expect((await ask(path, { method })).status).toBe(404);
  });

  it('refuses a limit that is out of range', async () => {
    for (const limit of ['0', '-1', '501', 'x', '1e9'])
      expect((await ask(`/v1/self/audit?limit=${limit}`)).status).toBe(400);
  });

  it('listens on no port', async () => {
    const error = await new Promise((resolve) =>
      connect(3128, '127.0.0.1', () => resolve(null)).once('error', resolve),
    );
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});
