import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AuditChain, GENESIS_HASH } from './audit-chain.js';
import { auditId } from './audit-id.js';
import type { AuditInput } from './audit-record.js';
import { verifyLines } from './verify-lines.js';
import { generateSigningKey } from '@aileron/vault';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const refused = (extra: Record<string, unknown> = {}) =>
  ({
    kind: 'refused',
    id: auditId(randomBytes(10)),
    at: new Date(0).toISOString(),
    tenantId: 'ten_local',
    refusal: { code: 'OPERATION_UNKNOWN', status: 403 },
    ...extra,
  }) as AuditInput;
const begin = () => new AuditChain({ stream: 'prx_1', lastSeq: 0, lastHash: GENESIS_HASH, sha256 });

describe('AuditChain', () => {
  it('links each line to the bytes of the one before', () => {
    const chain = begin();
    const first = chain.next(refused());
    const second = chain.next(refused());
    expect(first).toMatchObject({ seq: 1, record: { prev: GENESIS_HASH, stream: 'prx_1', v: 1 } });
    expect(second.record).toMatchObject({ seq: 2, prev: sha256(first.line).toString('base64url') });
    expect(chain.place).toEqual({ stream: 'prx_1', seq: 2, hash: second.hash });
  });

  it('continues where another ended, and cannot be begun half', () => {
    const { place } = ((chain) => (chain.next(refused()), chain))(begin());
    const next = new AuditChain({ stream: place.stream, lastSeq: place.seq, lastHash: place.hash, sha256 }).next(
      refused(),
    );
    expect(next.record).toMatchObject({ seq: 2, prev: place.hash });
    expect(() => new AuditChain({ stream: 'x', lastSeq: 4, lastHash: GENESIS_HASH, sha256 })).toThrow();
    expect(() => new AuditChain({ stream: 'x', lastSeq: 0, lastHash: place.hash, sha256 })).toThrow();
  });

  it('refuses a record that would not verify, and stays where it was', () => {
    const chain = begin();
    const bad = [
      { kind: 'nothing' },
      { id: 'aud_' },
      { tenantId: '' },
      { at: 'yesterday' },
      { more: 1 },
      { arguments: { a: 'x'.repeat(70_000) } },
      { arguments: { a: 1n } },
    ];
    for (const extra of bad) {
      expect(() => chain.next(refused(extra))).toThrow('The audit log cannot be written');
    }
    expect(chain.place.seq).toBe(0);
    expect(chain.next(refused({ seq: 9, prev: 'x', stream: 'other' })).record).toMatchObject({
      seq: 1,
      stream: 'prx_1',
    });
  });

  it('writes lines that verify whatever JSON the arguments are', async () => {
    const { verifying } = await generateSigningKey();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 5 }),
        async (all) => {
          const chain = begin();
          const lines = all.map((values) => chain.next(refused({ arguments: values })).line);
          expect(await verifyLines(lines, { keys: [verifying] })).toMatchObject({ ok: true, records: all.length });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('makes ids of 80 random bits', () => {
    expect(auditId(new Uint8Array(10))).toBe('aud_0000000000000000');
    expect(auditId(new Uint8Array(10).fill(255))).toBe('aud_ZZZZZZZZZZZZZZZZ');
    expect(new Set(Array.from({ length: 1_000 }, () => auditId(randomBytes(10)))).size).toBe(1_000);
  });
});
