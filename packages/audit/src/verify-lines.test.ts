import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { generateSigningKey, type SigningKey, type VerifyingKey } from '@aileron/vault';
import { AuditChain, GENESIS_HASH, type AuditPlace } from './audit-chain.js';
import { makeCheckpoint } from './audit-checkpoint.js';
import { auditId } from './audit-id.js';
import { linesOf } from './audit-line.js';
import type { AuditInput } from './audit-record.js';
import { verifyLines, type AuditVerification } from './verify-lines.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const newId = () => auditId(globalThis.crypto.getRandomValues(new Uint8Array(10)));
const text = (line: Uint8Array) => new TextDecoder().decode(line);
const bytes = (line: string) => new TextEncoder().encode(line);
const parsed = (line: Uint8Array | undefined) => JSON.parse(text(line ?? bytes('{}'))) as { id: string; seq: number };
const AT = '2026-11-21T08:00:00.000Z';

function intent(i: number): AuditInput {
  return {
    kind: 'intent',
    id: newId(),
    at: AT,
    tenantId: 'ten_local',
    sessionId: 'ses_1',
    user: { id: 'usr_local', name: 'local' },
    agent: 'fake',
    connector: 'linear',
    operation: 'linear.create_issue',
    request: { method: 'POST', host: 'api.linear.app', path: '/graphql' },
    arguments: { title: `issue ${i}` },
    digest: 'd'.repeat(43),
    policy: { version: 1, verdict: 'allow', rule: null },
    approval: null,
  };
}

interface Sample {
  readonly lines: readonly Uint8Array[];
  readonly place: AuditPlace;
  readonly keys: readonly VerifyingKey[];
  readonly signing: SigningKey;
}

/** `plan` is a letter a record: i an intent, c a checkpoint over the record before. */
async function sample(plan: string, begin?: AuditPlace): Promise<Sample> {
  const { signing, verifying } = await generateSigningKey();
  const stream = begin?.stream ?? 'prx_1';
  const chain = new AuditChain({ stream, lastSeq: begin?.seq ?? 0, lastHash: begin?.hash ?? GENESIS_HASH, sha256 });
  const lines: Uint8Array[] = [];
  for (const [i, letter] of Array.from(plan).entries()) {
    const input = { place: chain.place, tenantId: 'ten_local', id: newId(), at: AT, key: signing };
    lines.push(chain.next(letter === 'c' ? await makeCheckpoint(input) : intent(i)).line);
  }
  return { lines, place: chain.place, keys: [verifying], signing };
}

/** The chain written anew from `index` on with its links right, as somebody without the key can. */
function rehash(lines: readonly Uint8Array[], index: number): Uint8Array[] {
  const out = lines.slice(0, index);
  for (const line of lines.slice(index)) {
    const last = out.at(-1);
    const prev = last ? sha256(last).toString('base64url') : GENESIS_HASH;
    out.push(bytes(JSON.stringify({ ...parsed(line), prev })));
  }
  return out;
}

const expectFault = (result: AuditVerification, line: Uint8Array | undefined, reason?: string) => {
  const { seq, id } = parsed(line);
  expect(result).toMatchObject({ ok: false, last: null, error: { seq, id, ...(reason && { reason }) } });
};

describe('verifyLines', () => {
  it('verifies what the chain wrote and says how far it is signed', async () => {
    const { lines, keys, place } = await sample('iiciici');
    expect(await verifyLines(lines, { keys })).toEqual({
      ok: true,
      records: 7,
      checkpoints: 2,
      signedThroughSeq: 5,
      last: place,
    });
    expect(await verifyLines(lines, { keys, sha256, expect: place })).toMatchObject({ ok: true });
  });

  it('names the record of a byte flipped anywhere in a chain that ends in a checkpoint', async () => {
    const { lines, keys } = await sample('icic');
    for (const [index, line] of lines.entries()) {
      for (let offset = 0; offset < line.length; offset++) {
        const flipped = line.map((byte, i) => (i === offset ? byte ^ 1 : byte));
        const result = await verifyLines(lines.with(index, flipped), { keys, sha256 });
        expect({ offset, ok: result.ok, seq: result.error?.seq }).toEqual({ offset, ok: false, seq: index + 1 });
      }
    }
  });

  it('names a removed record by its number', async () => {
    const { lines, keys } = await sample('iiiiiic');
    for (let index = 0; index < lines.length - 1; index++) {
      const result = await verifyLines(lines.toSpliced(index, 1), { keys });
      expect(result.error).toEqual({ seq: index + 1, id: null, reason: 'missing' });
    }
  });

  it('names a reordered and an inserted record', async () => {
    const { lines, keys } = await sample('iiiiic');
    const [, second, third, fourth] = lines;
    const swapped = lines.with(1, third ?? bytes('')).with(2, second ?? bytes(''));
    expectFault(await verifyLines(swapped, { keys }), third, 'out-of-order');
    const doubled = lines.toSpliced(3, 0, third ?? bytes(''));
    expectFault(await verifyLines(doubled, { keys }), third, 'inserted');
    const stranger = bytes(JSON.stringify({ ...parsed(fourth), id: newId() }));
    expectFault(await verifyLines(lines.toSpliced(3, 0, stranger), { keys }), stranger, 'inserted');
    expectFault(await verifyLines(lines.toSpliced(4, 0, stranger), { keys }), stranger, 'inserted');
  });

  it('refuses a cut head, an empty log, and lines of another stream', async () => {
    const { lines, keys } = await sample('iiic');
    expect((await verifyLines(lines.slice(2), { keys })).error).toEqual({ seq: 1, id: null, reason: 'missing' });
    expect((await verifyLines([], { keys })).error).toEqual({ seq: 1, id: null, reason: 'empty' });
    const other = bytes(JSON.stringify({ ...parsed(lines[1]), stream: 'prx_2' }));
    expectFault(await verifyLines(rehash(lines.with(1, other), 2), { keys }), other, 'other-stream');
  });

  it('finds a cut tail, a roll-back and a fork with a checkpoint seen earlier', async () => {
    const { lines, keys, place } = await sample('iiiic');
    const cut = await verifyLines(lines.slice(0, 3), { keys, expect: place });
    expect(cut.error).toEqual({ seq: 4, id: null, reason: 'truncated' });
    expect((await verifyLines([], { keys, expect: place })).error?.reason).toBe('truncated');
    const fork = rehash(lines.with(2, bytes(JSON.stringify({ ...parsed(lines[2]), id: newId() }))).slice(0, 4), 3);
    const seen = { ...place, seq: 4, hash: sha256(lines[3] ?? bytes('')).toString('base64url') };
    expectFault(await verifyLines(fork, { keys, expect: seen }), lines[3], 'forked');
  });

  it('refuses a chain that was hashed anew without the key, with the old, with foreign and with no checkpoints', async () => {
    const { lines, keys } = await sample('iicii');
    const changed = bytes(JSON.stringify({ ...parsed(lines[1]), operation: 'linear.delete_issue' }));
    const forged = rehash(lines.with(1, changed), 2);
    expectFault(await verifyLines(forged, { keys }), forged[2], 'checkpoint-mismatch');
    const foreign = await sample('iic');
    const result = await verifyLines(foreign.lines, { keys });
    expectFault(result, foreign.lines[2], 'checkpoint-signature');
    const unsigned = await sample('i'.repeat(4_097));
    const missing = await verifyLines(unsigned.lines, { keys: unsigned.keys, sha256 });
    expectFault(missing, unsigned.lines[4_096], 'checkpoint-missing');
  }, 60_000);

  it('refuses a checkpoint that was moved to another record of the same chain', async () => {
    const { lines, keys } = await sample('icic');
    const moved = bytes(
      JSON.stringify({ ...parsed(lines[3]), envelope: (parsed(lines[1]) as { envelope?: unknown }).envelope }),
    );
    expectFault(await verifyLines(lines.with(3, moved), { keys }), moved, 'checkpoint-signature');
  });

  it('takes only the exact bytes of a line: no doubled key, no space, no byte that is not UTF-8', async () => {
    const { lines, keys } = await sample('i');
    const line = text(lines[0] ?? bytes(''));
    const spellings = [
      line.replace('{"v":1,', '{"v":1,"v":1,'),
      line.replace('{"title":', '{"title":"shown","title":'),
      line.replace('{', '{ '),
      `${line} `,
      line.replace('"seq":1,', '"seq":1.0,'),
      line.replace('issue 0', '\\u0069ssue 0'),
      '',
      'null',
      line.replace('"kind":"intent"', '"kind":"intent","note":"more"'),
    ];
    for (const spelling of spellings) {
      expect(spelling).not.toBe(line);
      const result = await verifyLines([bytes(spelling)], { keys });
      expect(result.error).toMatchObject({ seq: 1, reason: 'malformed' });
    }
    const broken = Uint8Array.from([...(lines[0] ?? []).slice(0, -2), 0xff, 0x7d]);
    expect((await verifyLines([broken], { keys })).error?.reason).toBe('malformed');
  });

  it('verifies over a rotation boundary, and a later file from the place where the earlier ended', async () => {
    const first = await sample('iic');
    const second = await sample('iic', first.place);
    const keys = [...first.keys, ...second.keys];
    const files = [first.lines, second.lines].map((lines) => bytes(lines.map((line) => `${text(line)}\n`).join('')));
    const chunks = files.flatMap((file) => [file.subarray(0, 100), file.subarray(100)]);
    expect(await verifyLines(linesOf(chunks), { keys })).toMatchObject({ ok: true, records: 6, checkpoints: 2 });
    expect(await verifyLines(second.lines, { keys, from: first.place })).toMatchObject({
      ok: true,
      last: second.place,
    });
    const wrong = await verifyLines(second.lines, { keys, from: { ...first.place, hash: 'x'.repeat(43) } });
    expectFault(wrong, second.lines[0], 'forked');
  });

  it('refuses to verify with nothing to verify against', async () => {
    const { lines } = await sample('i');
    await expect(verifyLines(lines, { keys: [] })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('streams a long log', async () => {
    const chain = new AuditChain({ stream: 'prx_1', lastSeq: 0, lastHash: GENESIS_HASH, sha256 });
    const { signing, verifying } = await generateSigningKey();
    async function* many() {
      for (let i = 0; i < 60_000; i++) {
        if (i % 1_000 < 999) yield chain.next(intent(i)).line;
        else
          yield chain.next(
            await makeCheckpoint({ place: chain.place, tenantId: 't', id: newId(), at: AT, key: signing }),
          ).line;
      }
    }
    expect(await verifyLines(many(), { keys: [verifying], sha256 })).toMatchObject({
      ok: true,
      records: 60_000,
      checkpoints: 60,
    });
  }, 60_000);
});
