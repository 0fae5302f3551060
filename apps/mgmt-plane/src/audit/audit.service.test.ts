import { createHash } from 'node:crypto';
import { AuditChain, type AuditInput, GENESIS_HASH } from '@aileron/audit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomName, ServicesFixture } from '../mgmt-plane.fixture.js';
import { readCursor } from './audit-cursor.js';

let services: ServicesFixture;

beforeAll(async () => {
  services = await ServicesFixture.start();
});

afterAll(async () => {
  await services.stop();
});

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** The lines a proxy would write. */
class Writer {
  readonly streamId = `prx_${randomName()}`;
  readonly sessionId = `ses_${randomName()}`;
  readonly #chain = new AuditChain({ stream: this.streamId, lastSeq: 0, lastHash: GENESIS_HASH, sha256 });
  #at = Date.parse('2026-11-21T08:00:00Z');

  write(count: number, change: Partial<AuditInput> = {}): Uint8Array[] {
    return Array.from({ length: count }, () => {
      this.#at += 1;
      const record = {
        id: `aud_${randomName()}`,
        at: new Date(this.#at).toISOString(),
        tenantId: 'ten_local',
        kind: 'session',
        event: 'started',
        ...(change.kind === undefined && { sessionId: this.sessionId }),
        ...change,
      };
      return this.#chain.next(record as AuditInput).line;
    });
  }

  ship(lines: readonly Uint8Array[]): Promise<number> {
    return services.audit.ship({ tenantId: 'ten_local', streamId: this.streamId, lines });
  }
}

const idsOf = (lines: readonly Uint8Array[]) =>
  lines.map((line) => (JSON.parse(Buffer.from(line).toString()) as { id: string }).id);

const exportOf = async (streamId: string) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of services.audit.exportStream({ tenantId: 'ten_local', streamId })) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describe('ship', () => {
  it('acknowledges what it stored and gives the exact bytes back', async () => {
    const writer = new Writer();
    const lines = writer.write(1_203);
    expect(await writer.ship(lines.slice(0, 700))).toBe(700);
    expect(await writer.ship(lines.slice(700))).toBe(1_203);
    const expected = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
    expect((await exportOf(writer.streamId)).equals(expected)).toBe(true);
  });

  it('ignores what it has: a proxy that lost the answer ships again', async () => {
    const writer = new Writer();
    const lines = writer.write(10);
    await writer.ship(lines.slice(0, 6));
    expect(await writer.ship(lines.slice(3, 8))).toBe(8);
    expect(await writer.ship(lines)).toBe(10);
    expect(await writer.ship([])).toBe(10);
    expect((await services.audit.listStreams('ten_local')).find((s) => s.streamId === writer.streamId)).toEqual({
      streamId: writer.streamId,
      acknowledgedSeq: 10,
      records: 10,
    });
  });

  it('stores each line once when the same are shipped at the same time', async () => {
    const writer = new Writer();
    const lines = writer.write(50);
    const results = await Promise.all([1, 2, 3, 4].map(() => writer.ship(lines)));
    expect(results).toEqual([50, 50, 50, 50]);
    expect((await exportOf(writer.streamId)).toString().trimEnd().split('\n')).toHaveLength(50);
  });

  it.each([
    ['a gap', (lines: Uint8Array[]) => [lines[0]!, lines[2]!], { seq: 3, reason: 'gap' }],
    ['a wrong order', (lines: Uint8Array[]) => [lines[1]!, lines[0]!], { seq: 2, reason: 'gap' }],
    ['a beginning that is not the first', (lines: Uint8Array[]) => lines.slice(1), { seq: 2, reason: 'gap' }],
    [
      'a changed line before',
      (lines: Uint8Array[]) => [
        Buffer.from(Buffer.from(lines[0]!).toString().replace('started', 'expired')),
        lines[1]!,
      ],
      { seq: 2, reason: 'prev' },
    ],
    ['a line of another stream', () => new Writer().write(1), { reason: 'not a record of this stream' }],
    ['another tenant’s line', () => new Writer().write(1, { tenantId: 'ten_other' }), {}],
    ['no JSON', () => [Buffer.from('{')], { reason: 'not a record of this stream' }],
    ['two lines in one', (lines: Uint8Array[]) => [Buffer.concat([lines[0]!, Buffer.from('\n'), lines[1]!])], {}],
  ])('refuses %s, and stores nothing of it', async (_, pick, details) => {
    const writer = new Writer();
    const shipped = writer.ship(pick(writer.write(3)));
    await expect(shipped).rejects.toMatchObject({ code: 'AUDIT_CHAIN_BROKEN', details });
    await expect(exportOf(writer.streamId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('refuses a second history of what it has', async () => {
    const writer = new Writer();
    const lines = writer.write(2);
    await writer.ship(lines.slice(0, 1));
    const fork = new AuditChain({ stream: writer.streamId, lastSeq: 0, lastHash: GENESIS_HASH, sha256 });
    const record = { at: '2026-11-21T08:00:00Z', tenantId: 'ten_local', kind: 'system', event: 'x' } as const;
    const other = [1, 2].map((n) => fork.next({ ...record, id: `aud_forked0${n}` }).line);
    await expect(writer.ship(other)).rejects.toMatchObject({ details: { seq: 2, reason: 'prev' } });
    expect(await writer.ship(lines)).toBe(2);
  });

  it('bounds a call', async () => {
    const writer = new Writer();
    await expect(writer.ship(writer.write(2_001))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    const misnamed = services.audit.ship({ tenantId: 'ten_local', streamId: '../x', lines: [] });
    await expect(misnamed).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('cannot be undone with the role of this service', async () => {
    const writer = new Writer();
    await writer.ship(writer.write(1));
    const { prisma } = services.database;
    const where = { streamId: writer.streamId };
    await expect(prisma.auditLine.deleteMany({ where })).rejects.toThrow();
    await expect(prisma.auditLine.updateMany({ where, data: { kind: 'x' } })).rejects.toThrow();
    expect((await exportOf(writer.streamId)).length).toBeGreaterThan(0);
  });
});

describe('query', () => {
  it('answers newest first, page by page, each record once', async () => {
    const writer = new Writer();
    const lines = writer.write(25);
    await writer.ship(lines);
    const seen: string[] = [];
    let after: string | null = null;
    let pages = 0;
    do {
      const filter = { tenantId: 'ten_local', sessionId: writer.sessionId, limit: 10 };
      const page = await services.audit.query({ ...filter, after: after === null ? undefined : readCursor(after) });
      seen.push(...idsOf(page.lines));
      after = page.next;
      pages += 1;
    } while (after !== null);
    expect(pages).toBe(3);
    expect(seen).toEqual(idsOf(lines).toReversed());
  });

  it('filters by session, kind and time, and knows no other tenant', async () => {
    const writer = new Writer();
    const lines = [...writer.write(3), ...writer.write(2, { kind: 'system', event: 'started' })];
    await writer.ship(lines);
    const { sessionId } = writer;
    const count = async (filter: object) => {
      return (await services.audit.query({ tenantId: 'ten_local', sessionId, limit: 100, ...filter })).lines.length;
    };
    expect(await count({})).toBe(3);
    expect(await count({ kind: 'system' })).toBe(0);
    expect(await count({ kind: 'session' })).toBe(3);
    expect(await count({ operation: 'linear.create_issue' })).toBe(0);
    expect(await count({ since: new Date('2026-11-21T08:00:00.002Z') })).toBe(2);
    expect(await count({ until: new Date('2026-11-21T08:00:00.001Z') })).toBe(1);
    expect(await count({ tenantId: 'ten_other' })).toBe(0);
    const foreign = services.audit.exportStream({ tenantId: 'ten_other', streamId: writer.streamId }).next();
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('refuses a cursor that it did not give', () => {
    for (const cursor of ['', 'x', Buffer.from('["a","b",1]').toString('base64url'), 'bnVsbA']) {
      expect(() => readCursor(cursor)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });
});
