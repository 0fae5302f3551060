import { randomBytes } from 'node:crypto';
import { generateSigningKey } from '@aileron/vault';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, previewOf, ServicesFixture } from '../mgmt-plane.fixture.js';

let services: ServicesFixture;

beforeAll(async () => {
  services = await ServicesFixture.start();
});

afterAll(async () => {
  await services.stop();
});

const OPERATION = 'linear.create_issue';

const newSession = async () => (await services.activeSession()).session;
const requestOf = (session: { tenantId: string; sessionId: string }, change: object = {}) => ({
  tenantId: session.tenantId,
  sessionId: session.sessionId,
  digest: randomBytes(32),
  operation: OPERATION,
  rule: 'linear-writes',
  preview: previewOf(OPERATION),
  ttlSeconds: 300,
  ...change,
});
const newRequest = async (change: object = {}) => requestOf(await newSession(), change);

describe('request', () => {
  it('makes one approval of a storm of identical requests', async () => {
    const request = await newRequest();
    const approvals = await Promise.all(Array.from({ length: 60 }, () => services.approvals.request(request)));
    expect(new Set(approvals.map((approval) => approval.approvalId)).size).toBe(1);
    const { tenantId, sessionId } = request;
    expect(await services.approvals.list({ tenantId, sessionId, limit: 10 })).toHaveLength(1);
  });

  it('makes another for another session, digest or rule', async () => {
    const session = await newSession();
    const request = requestOf(session);
    const all = [
      request,
      { ...request, digest: randomBytes(32) },
      { ...request, rule: 'another-rule' },
      requestOf(await newSession(), { digest: request.digest }),
    ];
    const ids = await Promise.all(all.map(async (each) => (await services.approvals.request(each)).approvalId));
    expect(new Set(ids).size).toBe(all.length);
  });

  it('refuses the 201st pending one of a session, and counts its own only', async () => {
    const session = await newSession();
    for (let i = 0; i < 200; i += 1) await services.approvals.request(requestOf(session));
    const more = Promise.allSettled([requestOf(session), requestOf(session)].map((r) => services.approvals.request(r)));
    for (const result of await more) expect(result).toMatchObject({ reason: { code: 'RATE_LIMITED' } });
    await expect(services.approvals.request(await newRequest())).resolves.toMatchObject({ state: 'pending' });
  });

  it('lets a denial stick until it expires', async () => {
    const request = await newRequest();
    const approval = await services.approvals.request(request);
    await services.approvals.decide(approval, await services.sign(approval, { decision: 'deny', reason: 'no' }));
    expect(await services.approvals.request(request)).toMatchObject({ state: 'denied', reason: 'no' });
    services.time.advance(301_000);
    const again = await services.approvals.request(request);
    expect(again).toMatchObject({ state: 'pending' });
    expect(again.approvalId).not.toBe(approval.approvalId);
    expect(await services.approvals.get(approval)).toMatchObject({ state: 'denied' });
  });

  it('is refused for a session that has ended, ran out, is not prepared or belongs to another tenant', async () => {
    const session = await newSession();
    await services.sessions.end(session, 'requested');
    await expect(services.approvals.request(requestOf(session))).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    const short = (await services.activeSession(60)).session;
    services.time.advance(61_000);
    await expect(services.approvals.request(requestOf(short))).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    const foreign = requestOf(await newSession(), { tenantId: 'ten_other' });
    await expect(services.approvals.request(foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    ['digest', { digest: randomBytes(31) }],
    ['preview', { preview: previewOf('linear.delete_issue') }],
    ['preview', { preview: new TextEncoder().encode('not json') }],
    ['preview', { preview: previewOf(OPERATION, { summary: 'x'.repeat(300_000) }) }],
    ['rule', { rule: '' }],
    ['ttl_seconds', { ttlSeconds: 0 }],
    ['ttl_seconds', { ttlSeconds: 86_401 }],
    ['operation', { operation: '../x', preview: previewOf('../x') }],
  ])('refuses a wrong %s', async (field, change) => {
    await expect(services.approvals.request(await newRequest(change))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: { fields: [{ field }] },
    });
  });
});

describe('decide', () => {
  it('keeps the envelope as signed, and answers the same decision twice', async () => {
    const approval = await services.approvals.request(await newRequest());
    const envelope = await services.sign(approval);
    const decided = await services.approvals.decide(approval, envelope);
    expect(decided).toMatchObject({ state: 'approved', decidedBy: 'Ada' });
    expect(JSON.parse(Buffer.from(decided.decision!).toString())).toEqual(envelope);
    expect(await services.approvals.decide(approval, envelope)).toMatchObject({ state: 'approved' });
    const opposite = services.approvals.decide(approval, await services.sign(approval, { decision: 'deny' }));
    await expect(opposite).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  });

  it('lets one of two opposite decisions at the same time win', async () => {
    const approval = await services.approvals.request(await newRequest());
    const envelopes = await Promise.all(
      (['approve', 'deny'] as const).map((decision) => services.sign(approval, { decision })),
    );
    const results = await Promise.allSettled(envelopes.map((each) => services.approvals.decide(approval, each)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  it.each([
    ['tenantId', { tenantId: 'ten_other' }],
    ['approvalId', { approvalId: 'apr_other' as never }],
    ['sessionId', { sessionId: 'ses_other' as never }],
    ['digest', { digest: 'B'.repeat(43) }],
    ['previewSha256', { previewSha256: 'B'.repeat(43) }],
    ['approver', { approver: 'Eve' }],
    ['expiresAt', { expiresAt: '2099-01-01T00:00:00.000Z' }],
    ['payload', { decision: 'maybe' as never }],
    ['payload', { more: 1 } as never],
  ])('refuses a signed decision with another %s', async (mismatch, change) => {
    const approval = await services.approvals.request(await newRequest());
    const decided = services.approvals.decide(approval, await services.sign(approval, change));
    await expect(decided).rejects.toMatchObject({ code: 'APPROVAL_INVALID', details: { mismatch } });
    expect(await services.approvals.get(approval)).toMatchObject({ state: 'pending' });
  });

  it('refuses a stranger’s signature, a changed payload, no signature and nonsense', async () => {
    const approval = await services.approvals.request(await newRequest());
    const stranger = await services.sign(approval, {}, (await generateSigningKey()).signing);
    const denied = (await services.sign(approval, { decision: 'deny' })) as { payload: string };
    const approved = (await services.sign(approval)) as { payload: string };
    const forged = { ...denied, payload: approved.payload };
    for (const envelope of [stranger, forged, { ...approved, signatures: [] }, null, 'x', 1]) {
      await expect(services.approvals.decide(approval, envelope)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    }
    expect(await services.approvals.get(approval)).toMatchObject({ state: 'pending' });
  });

  it('refuses a decision after the time, and one whose own time is over', async () => {
    const approval = await services.approvals.request(await newRequest());
    const past = await services.sign(approval, { expiresAt: new Date(services.time.now()).toISOString() });
    await expect(services.approvals.decide(approval, past)).rejects.toMatchObject({ code: 'APPROVAL_EXPIRED' });
    const expiresAt = new Date(services.time.now() + 600_000).toISOString();
    const late = await services.sign(approval, { expiresAt });
    services.time.advance(301_000);
    await expect(services.approvals.decide(approval, late)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect(await services.approvals.get(approval)).toMatchObject({ state: 'expired' });
  });
});

describe('consume', () => {
  const approved = async () => {
    const request = await newRequest();
    const approval = await services.approvals.request(request);
    await services.approvals.decide(approval, await services.sign(approval));
    return { ...approval, request };
  };

  it('succeeds for one of many at the same time', async () => {
    const approval = await approved();
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => services.approvals.consume(approval)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    await expect(services.approvals.consume(approval)).rejects.toMatchObject({ code: 'APPROVAL_CONSUMED' });
    expect(await services.approvals.request(approval.request)).toMatchObject({ state: 'pending' });
  });

  it('is refused for another digest, another tenant, a pending one and after its time', async () => {
    const approval = await approved();
    const other = services.approvals.consume({ ...approval, digest: randomBytes(32) });
    await expect(other).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    const foreign = services.approvals.consume({ ...approval, tenantId: 'ten_other' });
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const pending = await services.approvals.request(await newRequest());
    await expect(services.approvals.consume(pending)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    services.time.advance(301_000);
    await expect(services.approvals.consume(approval)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect(await services.approvals.get(approval)).toMatchObject({ state: 'expired' });
  });

  it('cannot be used once its session has ended', async () => {
    const approval = await approved();
    await services.sessions.end(approval, 'requested');
    expect(await services.approvals.get(approval)).toMatchObject({ state: 'cancelled' });
    await expect(services.approvals.consume(approval)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  });
});

describe('the database', () => {
  it('does not take a row that was set to approved without a decision', async () => {
    const approval = await services.approvals.request(await newRequest());
    const forge = services.sql(`UPDATE mgmt.approval SET state = 'approved' WHERE approval_id = $1`, [
      approval.approvalId,
    ]);
    await expect(forge).rejects.toThrow('violates check constraint');
  });
});

describe('sweep', () => {
  it('expires what nobody looks at', async () => {
    const approval = await services.approvals.request(await newRequest());
    services.time.advance(301_000);
    await services.approvals.sweep();
    const [row] = await services.database.prisma.approval.findMany({ where: { approvalId: approval.approvalId } });
    expect(row).toMatchObject({ state: 'expired', open: false });
  });
});

describe('watch', () => {
  it('tells the state now and each change until the last', async () => {
    const approval = await services.approvals.request(await newRequest());
    const seen: string[] = [];
    const watching = (async () => {
      const changes = services.approvals.watch(approval, new AbortController().signal);
      for await (const { state } of changes) seen.push(state);
    })();
    await eventually(async () => seen.length === 1);
    await services.approvals.decide(approval, await services.sign(approval));
    await eventually(async () => seen.length === 2);
    await services.approvals.consume(approval);
    await watching;
    expect(seen).toEqual(['pending', 'approved', 'consumed']);
  });

  it('sees the end of its session at once, and its own expiry', async () => {
    const cancelled = await services.approvals.request(await newRequest());
    const expiring = await services.approvals.request(await newRequest());
    const lastOf = async (approval: typeof cancelled) => {
      let last = '';
      for await (const { state } of services.approvals.watch(approval, new AbortController().signal)) last = state;
      return last;
    };
    const before = services.time.waiting;
    const lasts = [lastOf(cancelled), lastOf(expiring)];
    await eventually(async () => services.time.waiting === before + 2);
    await services.sessions.end(cancelled, 'requested');
    expect(await lasts[0]).toBe('cancelled');
    services.time.advance(301_000);
    expect(await lasts[1]).toBe('expired');
  });

  it('sees what another process wrote', async () => {
    const approval = await services.approvals.request(await newRequest());
    const changes = services.approvals.watch(approval, new AbortController().signal);
    await changes.next();
    const next = changes.next();
    await eventually(async () => services.time.waiting > 0);
    await services.sql(`UPDATE mgmt.approval SET state = 'cancelled', open = false WHERE approval_id = $1`, [
      approval.approvalId,
    ]);
    services.time.advance(2_000);
    expect((await next).value).toMatchObject({ state: 'cancelled' });
  });

  it('ends, and forgets its timer, when the caller goes', async () => {
    const approval = await services.approvals.request(await newRequest());
    const before = services.time.waiting;
    const controller = new AbortController();
    const changes = services.approvals.watch(approval, controller.signal);
    await changes.next();
    const next = changes.next();
    await eventually(async () => services.time.waiting === before + 1);
    controller.abort();
    expect((await next).done).toBe(true);
    expect(services.time.waiting).toBe(before);
  });
});

describe('waitForAny', () => {
  it('answers when one comes, and with none at the end of the time', async () => {
    const request = await newRequest();
    const { tenantId, sessionId } = request;
    const input = { tenantId, sessionId, state: 'pending' as const, limit: 10, waitMs: 25_000 };
    const before = services.time.waiting;
    const waiting = services.approvals.waitForAny(input);
    await eventually(async () => services.time.waiting > before);
    await services.approvals.request(request);
    expect(await waiting).toHaveLength(1);
    const nothing = services.approvals.waitForAny({ ...input, state: 'denied' });
    await eventually(async () => services.time.waiting > before);
    services.time.advance(25_000);
    expect(await nothing).toEqual([]);
  });
});
