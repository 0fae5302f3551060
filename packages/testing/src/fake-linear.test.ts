import { afterEach, describe, expect, it } from '@jest/globals';
import { canary } from './canary.js';
import { fakeClock } from './fake-clock.js';
import { startFakeLinear, type FakeLinear } from './fake-linear.js';
import { RawClient } from './raw-client.js';
import type { RawResponse } from './raw-response.js';

const apiKey = canary('linear').value;
let fake: FakeLinear;
const start = async (key = apiKey) => (fake = await startFakeLinear({ apiKey: key, now: fakeClock().now }));
afterEach(() => fake.close());

async function post(body: unknown, authorization = apiKey, path = '/graphql'): Promise<RawResponse> {
  using client = await (
    await RawClient.connect({ port: fake.port })
  ).startTls({ caPem: fake.caPem, servername: 'api.linear.app' });
  const bytes = typeof body === 'string' ? body : JSON.stringify(body);
  const head = `POST ${path} HTTP/1.1\r\nHost: api.linear.app\r\nAuthorization: ${authorization}\r\nContent-Type: application/json`;
  client.write(`${head}\r\nContent-Length: ${Buffer.byteLength(bytes)}\r\n\r\n${bytes}`);
  return await client.readResponse();
}

const CREATE =
  'mutation($i: IssueCreateInput!) { issueCreate(input: $i) { success issue { id identifier title url } } }';
interface Created {
  readonly data: { readonly issueCreate: { readonly issue: { readonly id: string; readonly identifier: string } } };
}
const create = async (title: string) =>
  ((await post({ query: CREATE, variables: { i: { teamId: 'ENG', title } } })).json() as Created).data.issueCreate
    .issue;
const codes = (response: RawResponse) =>
  (response.json() as { errors: { extensions: { code: string } }[] }).errors.map(({ extensions }) => extensions.code);

describe('the fake Linear API', () => {
  it('makes issues whose numbers nobody knows before, and finds them again', async () => {
    await start();
    const first = await create('broken link');
    const second = await create('other');
    const number = (identifier: string) => Number(/^ENG-(\d+)$/.exec(identifier)?.[1]);
    expect(number(second.identifier)).toBe(number(first.identifier) + 1);
    const query =
      'query($id: String!) { issue(id: $id) { title state { name } team { key } } issues(first: 1) { nodes { title } pageInfo { hasNextPage } } searchIssues(term: "LINK") { totalCount nodes { identifier } } viewer { name } teams { nodes { key } } }';
    expect((await post({ query, variables: { id: first.identifier } })).json()).toEqual({
      data: {
        issue: { title: 'broken link', state: { name: 'Backlog' }, team: { key: 'ENG' } },
        issues: { nodes: [{ title: 'other' }], pageInfo: { hasNextPage: true } },
        searchIssues: { totalCount: 1, nodes: [{ identifier: first.identifier }] },
        viewer: { name: 'Ada Example' },
        teams: { nodes: [{ key: 'ENG' }, { key: 'OPS' }] },
      },
    });
    expect(fake.issues.map(({ title }) => title)).toEqual(['broken link', 'other']);
  });

  it('updates, comments and archives', async () => {
    await start();
    const { id } = await create('a');
    const query = `mutation { issueUpdate(id: "${id}", input: { title: "b" }) { issue { title } } commentCreate(input: { issueId: "${id}", body: "hi" }) { comment { body issue { title } } } issueArchive(id: "${id}") { success } }`;
    expect((await post({ query })).json()).toEqual({
      data: {
        issueUpdate: { issue: { title: 'b' } },
        commentCreate: { comment: { body: 'hi', issue: { title: 'b' } } },
        issueArchive: { success: true },
      },
    });
    expect((await post({ query: '{ issues { nodes { id } } }' })).json()).toEqual({ data: { issues: { nodes: [] } } });
  });

  it('takes a personal key bare and another token as a bearer, and says so as the real one', async () => {
    await start();
    const missing = await post({ query: '{ viewer { id } }' }, 'lin_api_other');
    expect([missing.status, codes(missing)]).toEqual([401, ['AUTHENTICATION_ERROR']]);
    expect((await post({ query: '{ viewer { id } }' }, `Bearer ${apiKey}`)).status).toBe(400);
    expect(fake.requests.at(-1)?.header('authorization')).toEqual([`Bearer ${apiKey}`]);
    await fake.close();
    await start('oauth-token');
    expect((await post({ query: '{ viewer { id } }' }, 'Bearer oauth-token')).status).toBe(200);
    expect((await post({ query: '{ viewer { id } }' }, 'oauth-token')).status).toBe(401);
  });

  it('refuses what is not in its schema, not there, or not a request', async () => {
    await start();
    const unknown = await post({ query: 'mutation { organizationDelete { success } }' });
    expect([unknown.status, codes(unknown)]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
    const absent = await post({ query: '{ issue(id: "ENG-0") { id } }' });
    expect([absent.status, codes(absent)]).toEqual([200, ['INPUT_ERROR']]);
    expect(codes(await post({ query: CREATE, variables: { i: { teamId: 'ENG' } } }))).toEqual(['INPUT_ERROR']);
    for (const body of ['{', '[]', '{"query":1}', { query: '{' }]) expect((await post(body)).status).toBe(400);
    expect((await post({ query: '{ viewer { id } }' }, apiKey, '/other')).status).toBe(404);
    expect(fake.issues).toEqual([]);
  });
});
