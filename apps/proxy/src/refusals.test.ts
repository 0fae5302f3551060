import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createIssue,
  graphql,
  LINEAR,
  openTunnel,
  requestText,
  send,
  type TestRequest,
  type TestSession,
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

/** What an upstream and a credential service see of a request that must go nowhere. */
async function goesNowhere(session: TestSession, host: string, request: TestRequest) {
  const before = {
    requests: world.linear.requests.length,
    connections: world.linear.connections(),
    decrypts: world.credentials.decrypts,
  };
  const answer = await send(session, host, request);
  const after = {
    requests: world.linear.requests.length,
    connections: world.linear.connections(),
    decrypts: world.credentials.decrypts,
  };
  expect(after).toEqual(before);
  return answer;
}

describe('a request that no operation is', () => {
  const ISSUE = 'issueCreate(input: { title: "smuggled", teamId: "ENG" }) { success }';
  it.each<[string, TestRequest]>([
    ['an aliased mutation', graphql(`mutation { viewer: ${ISSUE} }`)],
    ['two mutations', graphql(`mutation { a: ${ISSUE} b: ${ISSUE} }`)],
    ['a batch', { path: '/graphql', body: [{ query: '{ viewer { id } }' }, { query: `mutation { ${ISSUE} }` }] }],
    ['a mutation in a fragment', graphql(`mutation { ...F } fragment F on Mutation { ${ISSUE} }`)],
    ['a mutation in an inline fragment', graphql(`mutation { ... on Mutation { ${ISSUE} } }`)],
    [
      'a second operation in the document',
      { path: '/graphql', body: { query: `query A { viewer { id } } mutation B { ${ISSUE} }`, operationName: 'B' } },
    ],
    ['an unlisted mutation', graphql('mutation { issueArchive(id: "x") { success } }')],
    [
      'a doubled key',
      {
        path: '/graphql',
        body: `{"query":"{ viewer { id } }","query":"mutation { ${ISSUE.replaceAll('"', '\\"')} }"}`,
      },
    ],
    ['an unknown path', { path: '/graphql/../oauth/token', body: { query: '{ viewer { id } }' } }],
    ['another method', { path: '/graphql?query=%7Bviewer%7Bid%7D%7D', method: 'GET' }],
    [
      'a compressed body',
      { path: '/graphql', headers: { 'content-encoding': 'gzip' }, body: { query: '{ viewer { id } }' } },
    ],
    [
      'a credential that is not the placeholder',
      { ...viewer, headers: { authorization: 'lin_api_stolen00000000000000000000000000000' } },
    ],
  ])('%s is refused with one record, and nothing is dialled or decrypted', async (_, request) => {
    const session = await world.session();
    const answer = await goesNowhere(session, LINEAR, request);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const problem = answer.json() as { code: string };
    const refused = (await world.records(session.info.sessionId)).filter(({ kind }) => kind !== 'session');
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ kind: 'refused', refusal: { code: problem.code, status: answer.status } });
    expect(issuesTitled(world, 'smuggled')).toBe(0);
  });

  it('names what the agent can act on', async () => {
    const session = await world.session();
    const answer = await send(session, LINEAR, graphql('mutation { issueArchive(id: "x") { success } }'));
    const problem = answer.json();
    const [record] = (await world.records(session.info.sessionId)).filter(({ kind }) => kind === 'refused');
    expect(answer.header('content-type')).toBe('application/problem+json');
    expect(problem).toMatchObject({
      code: 'OPERATION_UNKNOWN',
      status: 403,
      auditId: record?.['id'],
      action: expect.any(String),
    });
  });
});

describe('a session', () => {
  it('that ends cuts its streams within a second and takes its files along', async () => {
    const session = await world.session();
    const client = await openTunnel(session, LINEAR);
    client.write(requestText(LINEAR, createIssue('cut')));
    await pendingApproval(world, session);
    const endedAt = performance.now();
    world.management.endSession(session.info.sessionId);
    await client.ended();
    expect(performance.now() - endedAt).toBeLessThan(1_000);
    await until(async () => (await recordKinds(world, session)).at(-1) === 'session');
    await until(() => !existsSync(session.socketPath));
    expect((await world.records(session.info.sessionId)).find(({ kind }) => kind === 'refused')).toMatchObject({
      refusal: { code: 'SESSION_ENDED' },
    });
  });

  it('that is past its time is over without being told', async () => {
    const session = await world.session({ ttlSeconds: 2 });
    using client = await openTunnel(session, LINEAR);
    await client.ended();
    await until(() => !existsSync(session.socketPath));
    await until(async () => (await world.records(session.info.sessionId)).at(-1)?.['event'] === 'expired');
  });

  it('does not open for the token of another', async () => {
    const [one, other] = [await world.session(), await world.session()];
    await expect(openTunnel({ ...one, token: other.token }, LINEAR)).rejects.toThrow(/407/);
    await expect(openTunnel({ ...one, token: '' }, LINEAR)).rejects.toThrow(/407/);
  });

  it('that is locked gets 503 with what to do', async () => {
    const session = await world.session({ unlocked: false });
    const answer = await goesNowhere(session, LINEAR, viewer);
    expect([answer.status, answer.json(), answer.header('retry-after')]).toMatchObject([
      503,
      { code: 'LEASE_MISSING', action: expect.stringContaining('vault unlock') },
      '2',
    ]);
  });
});
