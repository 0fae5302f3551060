import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureSigningKey } from '../home/home-keys.js';
import { decideApproval } from '../approvals/decide-approval.js';
import { unlockSessions } from '../vault/unlock-sessions.js';
import {
  aileron,
  callLinear,
  createIssue,
  eventually,
  MAIN,
  randomName,
  RunningService,
  tunnel,
} from './running-service.fixture.js';

const mutations = (service: RunningService): number =>
  service.cast.linear.requests.filter(({ body }) => body.includes('issueCreate')).length;

async function pendingApproval(service: RunningService) {
  await eventually(async () => (await service.api.listApprovals({ state: 'pending' })).approvals.length > 0);
  const [approval] = (await service.api.listApprovals({ state: 'pending' })).approvals;
  return approval!;
}

async function approve(service: RunningService): Promise<void> {
  await decideApproval({
    api: service.api,
    deviceKey: await ensureSigningKey(service.home, 'device'),
    approval: await pendingApproval(service),
    decision: { decision: 'approve', approver: 'usr_local', reason: null },
    now: new Date(),
  });
}

describe('the service', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await RunningService.start();
    await service.fillVault();
  }, 90_000);
  afterAll(() => service.close(), 30_000);

  it('keeps a held request over kill -9: unlocked and approved, the retry is sent once', async () => {
    const session = await service.startSession();
    const title = randomName();
    const before = mutations(service);
    const held = createIssue(session, title).catch(() => 'cut');
    await pendingApproval(service);
    await service.kill();
    await held;
    await service.startService();

    // Locked: the refusal says how to go on, before anything else is answered.
    await eventually(() =>
      tunnel(session, 'api.linear.app').then(
        ({ client, response }) => (client.close(), response.status === 503),
        () => false,
      ),
    );
    expect(
      await unlockSessions({ api: service.api, home: service.home, passphrase: service.passphrase, now: new Date() }),
    ).toEqual([session.sessionId]);

    await approve(service);
    expect(mutations(service)).toBe(before);
    const retried = await createIssue(session, title);
    expect(retried).toMatchObject({ status: 200 });
    expect(mutations(service)).toBe(before + 1);
    // Used: the same again is a new question.
    expect((await createIssue(session, title)).status).toBe(428);
    expect(mutations(service)).toBe(before + 1);
    await service.api.endSession(session.sessionId);
  }, 90_000);

  it('does not take an approval that somebody wrote into the database', async () => {
    const session = await service.startSession();
    const title = randomName();
    const first = await createIssue(session, title);
    expect(first.status).toBe(428);
    const approval = await pendingApproval(service);
    await runSql(
      service,
      `UPDATE mgmt.approval SET state = 'approved', decided_at = now(), decided_by = 'usr_local', decision = '\\x7b7d' WHERE approval_id = '${approval.approvalId}'`,
    );
    const before = mutations(service);
    const refused = await createIssue(session, title);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'APPROVAL_INVALID' });
    expect(mutations(service)).toBe(before);
    await service.api.endSession(session.sessionId);
  }, 60_000);

  it('refuses to decrypt for a binding that was rewritten in the store', async () => {
    const vault = join(
      service.home.storeDirectory,
      'vaults',
      readdirSync(join(service.home.storeDirectory, 'vaults'))[0]!,
    );
    const manifest = findFile(vault, 'manifest.json');
    const original = readFileSync(manifest, 'utf8');
    const envelope = JSON.parse(original) as { payload: string };
    const payload = Buffer.from(envelope.payload, 'base64').toString().replaceAll('api.linear.app', 'evil.example.com');
    writeFileSync(manifest, JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }));
    try {
      const session = await service.startSession().catch((error: unknown) => error as { code: string });
      // The person's own device already refuses to hand out keys for a vault that somebody else rewrote.
      expect(session).toMatchObject({ code: expect.stringMatching(/SIGNATURE_INVALID|VAULT_TAMPERED/) });
    } finally {
      writeFileSync(manifest, original);
    }
  }, 60_000);

  it('gives the agent’s token nothing but the proxy and its own session', async () => {
    const [mine, other] = [await service.startSession(), await service.startSession()];
    const routes = ['/v1/sessions', '/v1/approvals', '/v1/vaults', '/v1/audit', '/v1/users/usr_local', '/v1/status'];
    for (const route of routes) {
      const answer = await fetch(new URL(route, service.file.url), {
        headers: { authorization: `Bearer ${mine.token}` },
      });
      expect(answer.status).toBe(401);
    }
    // The other session's socket does not take this session's token.
    const stolen = await tunnel({ ...other, token: mine.token }, 'api.linear.app');
    expect(stolen.response.status).toBe(407);
    stolen.client.close();
    for (const session of [mine, other]) await service.api.endSession(session.sessionId);
  }, 60_000);

  it('lets no page of another origin and no rebound name call the local API', async () => {
    const { url, token } = service.file;
    const headers = { authorization: `Bearer ${token}` };
    expect(
      (await fetch(new URL('/v1/status', url), { headers: { ...headers, origin: 'https://evil.example' } })).status,
    ).toBe(403);
    expect(
      (await fetch(new URL('/v1/status', url), { headers: { ...headers, 'sec-fetch-site': 'cross-site' } })).status,
    ).toBe(403);
    const rebound = await rawStatus(url, `Host: evil.example\r\nAuthorization: Bearer ${token}`);
    expect(rebound).toBe(403);
    expect((await fetch(new URL('/v1/status', url), { headers })).status).toBe(200);
  });

  it('ends open tunnels when their session ends', async () => {
    const session = await service.startSession();
    const { client } = await tunnel(session, 'api.linear.app');
    const ended = client.ended();
    const startedAt = performance.now();
    await service.api.endSession(session.sessionId);
    await ended;
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await expect(tunnel(session, 'api.linear.app')).rejects.toThrow();
  }, 30_000);

  it('answers 503 while Postgres is gone, and goes on when it is back', async () => {
    const postgres = Number(
      execFileSync('pgrep', ['-P', String(service.file.pid), '-f', 'postgres'])
        .toString()
        .trim()
        .split('\n')[0],
    );
    process.kill(postgres, 'SIGKILL');
    const codes = new Set<number>();
    await eventually(async () => {
      const { status } = await fetch(new URL('/v1/sessions', service.file.url), {
        headers: { authorization: `Bearer ${service.file.token}` },
      });
      codes.add(status);
      return status === 200;
    }, 30_000);
    expect([...codes].every((code) => code === 200 || code === 503)).toBe(true);
    const session = await service.startSession();
    expect((await callLinear(session, { query: '{ teams { nodes { key } } }' })).status).toBe(200);
    await service.api.endSession(session.sessionId);
  }, 60_000);

  it('names the holder when the home or the port is taken, and the wrong passphrase changes nothing', async () => {
    const second = await aileron(['--home', service.home.root, 'service', '--port', '0', '--json']);
    expect(second.code).toBe(75);
    expect(JSON.parse(second.stdout)).toMatchObject({
      error: { code: 'HOME_IN_USE', details: { pid: service.file.pid } },
    });
    const wrong = await aileron(['--home', service.home.root, '--json', 'secret', 'list'], {
      env: { AILERON_PASSPHRASE: 'not the passphrase' },
    });
    expect(wrong.code).toBe(77);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: 'PASSPHRASE_WRONG' } });
    const right = await aileron(['--home', service.home.root, '--json', 'secret', 'list'], {
      env: { AILERON_PASSPHRASE: 'correct horse battery staple' },
    });
    expect(JSON.parse(right.stdout)).toMatchObject({ secrets: [{ name: 'anthropic' }, { name: 'linear' }] });
    expect(right.stdout).not.toContain(service.cast.credentials.linear);
  }, 60_000);

  it('verifies its audit, and names the record that was changed', async () => {
    const good = await aileron(['--home', service.home.root, '--json', 'audit', 'verify']);
    expect(JSON.parse(good.stdout)).toMatchObject({ ok: true });
    const [stream] = (await service.api.auditStreams()).streams;
    const lines = (await service.api.exportAudit(stream!.streamId)).trimEnd().split('\n');
    const at = Math.floor(lines.length / 2);
    const changed = lines.with(at, lines[at]!.replace('"tenantId":"ten_local"', '"tenantId":"ten_lokal"'));
    for (const [name, tampered] of [
      ['changed', changed],
      ['removed', lines.toSpliced(at, 1)],
    ] as const) {
      const file = join(service.home.root, `${name}.jsonl`);
      writeFileSync(file, tampered.join('\n'));
      const bad = await aileron(['--home', service.home.root, '--json', 'audit', 'verify', '--file', file]);
      expect(bad.code).toBe(76);
      expect(JSON.parse(bad.stdout)).toMatchObject({
        error: { code: 'AUDIT_CHAIN_BROKEN', details: { seq: expect.any(Number) } },
      });
    }
  }, 60_000);

  it('writes no credential and no token into its log', () => {
    for (const secret of Object.values(service.cast.credentials)) expect(service.log).not.toContain(secret);
    expect(service.log).not.toContain(service.file.token);
    expect(MAIN).toContain('dist');
  });
});

function findFile(folder: string, name: string): string {
  const found = readdirSync(folder, { recursive: true })
    .map(String)
    .find((path) => path === name || path.endsWith(`/${name}`));
  if (found === undefined) throw new Error(`${name} is not in ${folder}`);
  return join(folder, found);
}

async function rawStatus(url: string, headers: string): Promise<number> {
  const { RawClient } = await import('@aileron/testing');
  const client = await RawClient.connect({ port: Number(new URL(url).port) });
  client.write(`GET /v1/status HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`);
  const { status } = await client.readResponse();
  client.close();
  return status;
}

/** As whoever may write the database would: through its own administrator. */
async function runSql(service: RunningService, sql: string): Promise<void> {
  const { Client } = await import('pg');
  const settings = JSON.parse(readFileSync(service.home.path('postgres.json'), 'utf8')) as {
    folder: string;
    adminPassword: string;
  };
  const client = new Client({
    host: join(settings.folder, 'run'),
    user: 'postgres',
    password: settings.adminPassword,
    database: 'aileron',
  });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
