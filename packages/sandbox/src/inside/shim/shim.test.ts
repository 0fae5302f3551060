import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { TestAuthority } from '@aileron/testing';
import {
  EMPTY_CONTENTS,
  describeSandboxed,
  planFor,
  run,
  startTestProxy,
  type SandboxRun,
  type TestProxy,
} from '../../sandbox.fixture.js';
import type { SandboxPlan } from '../../sandbox-plan.js';
import type { ShimSpec } from './shim-spec.js';

const HOST = 'api.linear.app';
const SPEC: ShimSpec = {
  name: 'linear',
  description: 'Issues of Linear',
  host: HOST,
  port: 443,
  headers: { authorization: 'lin_api_placeholder' },
  commands: [
    {
      name: 'create-issue',
      operation: 'linear.create_issue',
      description: 'Creates an issue.',
      effect: 'write',
      idempotent: false,
      approval: 'ask',
      options: [
        {
          name: 'title',
          type: 'string',
          description: 'Its title',
          required: true,
          into: ['variables', 'input', 'title'],
        },
        {
          name: 'priority',
          type: 'integer',
          description: '0 to 4',
          required: false,
          into: ['variables', 'input', 'priority'],
        },
        {
          name: 'label',
          type: 'strings',
          description: 'A label',
          required: false,
          into: ['variables', 'input', 'labelIds'],
        },
        {
          name: 'draft',
          type: 'boolean',
          description: 'As a draft',
          required: false,
          into: ['variables', 'input', 'draft'],
        },
      ],
      request: {
        kind: 'graphql',
        path: '/graphql',
        document: 'mutation CreateIssue($input: IssueCreateInput!) { x }',
        operationName: 'CreateIssue',
      },
      output: { path: ['data', 'issueCreate', 'issue'], template: 'Created {identifier}: {title} ({url})' },
    },
    {
      name: 'get-team',
      operation: 'linear.get_team',
      description: 'Shows a team.',
      effect: 'read',
      idempotent: true,
      approval: 'allow',
      options: [
        { name: 'id', type: 'string', description: 'Its id', required: true, into: ['path', 'id'] },
        { name: 'limit', type: 'integer', description: 'How many', required: false, into: ['query', 'limit'] },
      ],
      request: { kind: 'rest', method: 'GET', path: '/teams/{id}' },
      output: { path: [], template: null },
    },
  ],
};

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly authorization: string | undefined;
}
type Reply = { status?: number; headers?: Record<string, string>; body: unknown } | 'cut';

const ISSUE = {
  data: { issueCreate: { issue: { identifier: 'ENG-7', title: 'A\u001b[2Jb', url: 'https://linear.app/ENG-7' } } },
};
const problem = (status: number, body: object, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: { type: 'about:blank', status, title: 'no', ...body },
});

describeSandboxed('a shim in a sandbox', () => {
  let proxy: TestProxy;
  let server: Server;
  let plan: SandboxPlan;
  let seen: Seen[] = [];
  let replies: Reply[] = [];
  const shim = (...argv: string[]): Promise<SandboxRun> => run(plan, ['linear', ...argv]);

  beforeAll(async () => {
    const authority = await TestAuthority.create();
    server = createServer(await authority.issue([HOST]), (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        seen.push({
          method: request.method ?? '',
          url: request.url ?? '',
          body,
          authorization: request.headers.authorization,
        });
        const reply = replies.shift() ?? { body: ISSUE };
        if (reply === 'cut') return void request.socket.destroy();
        response
          .writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
          .end(JSON.stringify(reply.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await startTestProxy({
      upstreams: { [HOST]: (server.address() as AddressInfo).port },
      caPem: authority.certificatePem,
    });
    const elsewhere: ShimSpec = { ...SPEC, name: 'elsewhere', host: 'other.example' };
    const shims = [SPEC, elsewhere].map((spec) => ({ name: spec.name, spec: JSON.stringify(spec) }));
    plan = await planFor(proxy, { argv: ['/bin/true'], contents: { ...EMPTY_CONTENTS, shims } });
  });
  beforeEach(() => {
    seen = [];
    replies = [];
    proxy.self.delete('/v1/self/approvals');
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await proxy.close();
  });

  it('explains itself at both levels', async () => {
    const overview = await shim('--help');
    expect(overview.stdout).toMatch(/create-issue +Creates an issue\. \[a person approves\]/);
    expect(overview.code).toBe(0);
    const command = await shim('create-issue', '--help');
    expect(command.stdout).toMatch(/usage: linear create-issue --title <string>/);
    expect(command.stdout).toContain('action: linear.create_issue');
    expect(seen).toEqual([]);
  });

  it('sends the document with typed variables and prints the answer, without what would steer a terminal', async () => {
    const { stdout, code } = await shim(
      'create-issue',
      '--label',
      'a',
      '--title=x "y"',
      '--priority',
      '2',
      '--label=b',
      '--draft',
    );
    expect(code).toBe(0);
    expect(stdout).toBe('Created ENG-7: A\ufffd[2Jb (https://linear.app/ENG-7)\n');
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/graphql', authorization: 'lin_api_placeholder' });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      query: 'mutation CreateIssue($input: IssueCreateInput!) { x }',
      operationName: 'CreateIssue',
      variables: { input: { title: 'x "y"', priority: 2, labelIds: ['a', 'b'], draft: true } },
    });
  });

  it('makes the same bytes of the same arguments in another order', async () => {
    await shim('create-issue', '--title', 'x', '--priority', '2');
    await shim('create-issue', '--priority', '2', '--title', 'x');
    expect(seen[0]?.body).toBe(seen[1]?.body);
  });

  it('fills path and query of a REST operation and prints JSON', async () => {
    replies = [{ body: { id: 'a/b' } }];
    const { stdout } = await shim('get-team', '--id', 'a/b?c', '--limit', '5', '--json');
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/teams/a%2Fb%3Fc?limit=5', body: '' });
    expect(JSON.parse(stdout)).toEqual({ id: 'a/b' });
  });

  it.each([
    [['create-issue'], /missing: --title/],
    [['create-issue', '--title', 'x', '--title', 'y'], /given twice/],
    [['create-issue', '--title', 'x', '--nope', 'y'], /unknown option: --nope/],
    [['create-issue', '--title', 'x', '--priority', 'high'], /whole number/],
    [['create-issue', 'x'], /unexpected argument/],
    [['delete-everything'], /unknown command/],
  ])('refuses %j before anything is sent', async (argv, message) => {
    const { code, stderr } = await shim(...argv);
    expect(code).toBe(64);
    expect(stderr).toMatch(message);
    expect(seen).toEqual([]);
  });

  it('repeats the identical request until a person has approved', async () => {
    const pending = problem(428, { code: 'APPROVAL_PENDING', approvalId: 'apr_1' }, { 'retry-after': '0' });
    replies = [pending, pending, { body: ISSUE }];
    const { code, stdout, stderr } = await shim('create-issue', '--title', 'x');
    expect([code, stdout]).toEqual([0, expect.stringContaining('ENG-7')]);
    expect(stderr.match(/apr_1/g)).toHaveLength(1);
    expect(new Set(seen.map((each) => each.body)).size).toBe(1);
    expect(seen).toHaveLength(3);
  });

  it('exits 75 with the id when it must not wait, or has waited long enough', async () => {
    const pending = problem(428, { code: 'APPROVAL_PENDING', approvalId: 'apr_2' }, { 'retry-after': '5' });
    replies = [pending];
    const unwaiting = await shim('create-issue', '--title', 'x', '--no-wait');
    expect([unwaiting.code, unwaiting.stderr]).toEqual([75, expect.stringContaining('apr_2')]);
    replies = [pending];
    expect((await shim('create-issue', '--title', 'x', '--wait', '1')).code).toBe(75);
    expect(seen).toHaveLength(2);
  });

  it('shows why the proxy refuses: code, rule, operation, what to do', async () => {
    const refusal = {
      code: 'APPROVAL_DENIED',
      title: 'A person refused this.',
      operation: 'linear.create_issue',
      rule: 'r1',
      reason: 'not now',
      action: 'Do something else.',
      auditId: 'aud_9',
    };
    replies = [problem(403, refusal)];
    const { code, stderr } = await shim('create-issue', '--title', 'x');
    expect(code).toBe(77);
    for (const text of Object.values(refusal)) expect(stderr).toContain(text);
    replies = [problem(403, refusal)];
    expect(JSON.parse((await shim('create-issue', '--title', 'x', '--json')).stdout)).toMatchObject({
      error: { code: 'APPROVAL_DENIED', rule: 'r1' },
    });
  });

  it('shows a refusal of the tunnel as well', async () => {
    const { code, stderr } = await run(plan, ['elsewhere', 'get-team', '--id', 'x']);
    expect(code).toBe(77);
    expect(stderr).toMatch(/DESTINATION_REFUSED[\s\S]*test\.rule[\s\S]*aud_1/);
  });

  it('tells errors of the upstream from refusals', async () => {
    replies = [{ body: { errors: [{ message: 'Team not found' }] } }, { status: 500, body: { oops: true } }];
    expect(await shim('create-issue', '--title', 'x')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Team not found'),
    });
    expect(await shim('get-team', '--id', 'x')).toMatchObject({ code: 1, stderr: expect.stringContaining('500') });
  });

  it('waits for a locked session to be unlocked', async () => {
    replies = [problem(503, { code: 'LEASE_MISSING' }, { 'retry-after': '0' }), { body: ISSUE }];
    expect(await shim('create-issue', '--title', 'x')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('LEASE_MISSING'),
    });
  });

  it('sends a cut read again, and a cut write only while its approval is unused', async () => {
    replies = ['cut', { body: { id: 'x' } }];
    expect((await shim('get-team', '--id', 'x')).code).toBe(0);
    expect(seen).toHaveLength(2);

    seen = [];
    replies = ['cut'];
    const unknown = await shim('create-issue', '--title', 'x');
    expect(unknown).toMatchObject({ code: 69, stderr: expect.stringContaining('not known') });
    expect(seen).toHaveLength(1);

    const approval = (state: string) => ({
      operation: 'linear.create_issue',
      state,
      createdAt: new Date().toISOString(),
      decidedAt: null,
    });
    proxy.self.set('/v1/self/approvals', {
      approvals: [{ ...approval('consumed'), createdAt: new Date(Date.now() + 5_000).toISOString() }],
    });
    replies = ['cut'];
    expect((await shim('create-issue', '--title', 'x')).code).toBe(69);

    proxy.self.set('/v1/self/approvals', { approvals: [{ ...approval('pending') }] });
    replies = ['cut', { body: ISSUE }];
    expect((await shim('create-issue', '--title', 'x')).code).toBe(0);
  });

  it('trusts the session’s CA alone', async () => {
    const stranger = await TestAuthority.create();
    const impostor = createServer(await stranger.issue([HOST]), (_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
    const session = await startTestProxy({ upstreams: { [HOST]: (impostor.address() as AddressInfo).port } });
    const other = await planFor(session, {
      argv: ['/bin/true'],
      contents: { ...EMPTY_CONTENTS, shims: [{ name: 'linear', spec: JSON.stringify(SPEC) }] },
    });
    const result = await run(other, ['linear', 'get-team', '--id', 'x', '--no-wait']);
    expect(result).toMatchObject({ code: 69, stderr: expect.stringContaining('no TLS') });
    impostor.close();
    await session.close();
  });

  it('offers `aileron` for the agent’s own session, which decides nothing', async () => {
    proxy.self.set('/v1/self/approvals', {
      approvals: [
        { approvalId: 'apr_3', operation: 'linear.create_issue', state: 'pending', expiresAt: 'x', reason: null },
      ],
    });
    expect(await run(plan, ['aileron', 'status'])).toMatchObject({
      code: 0,
      stdout: 'sessionId: ses_test\nstate: active\n',
    });
    expect((await run(plan, ['aileron', 'approval', 'list'])).stdout).toBe(
      'apr_3  linear.create_issue  pending  x  -\n',
    );
    expect(JSON.parse((await run(plan, ['aileron', 'approval', 'list', '--json'])).stdout)).toHaveProperty('approvals');
    expect((await run(plan, ['aileron', 'audit', 'query'])).code).toBe(69);
    for (const argv of [['approval', 'approve', 'apr_3'], ['secret', 'list'], ['vault', 'unlock'], []]) {
      expect((await run(plan, ['aileron', ...argv])).code).toBe(64);
    }
  });
});
