import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { approvalDigest, type ApprovalSubject } from './approval-digest.js';

const subject: ApprovalSubject = {
  tenantId: 'ten_local',
  sessionId: 'ses_1',
  method: 'POST',
  target: 'https://api.linear.app/graphql',
  operation: 'linear.create_issue',
  connectorDigest: 'digest',
  credential: { vaultId: 'vlt_1', id: 'crd_1', version: 1 },
  bodySha256: new Uint8Array(32).fill(1),
  headers: [['x-idempotency-key', 'a']],
  previewSha256: new Uint8Array(32).fill(2),
};
const hex = (input: ApprovalSubject) => Buffer.from(approvalDigest(input)).toString('hex');

describe('approvalDigest', () => {
  it('stays the same from version to version: approvals outlive a restart', () => {
    expect(hex(subject)).toBe('c3c5299efea4b00fb50d78a032dcd93604fd63e35587061633c3e59912c27904');
  });

  it.each<[string, Partial<ApprovalSubject>]>([
    ['tenant', { tenantId: 'ten_other' }],
    ['session', { sessionId: 'ses_2' }],
    ['method', { method: 'PUT' }],
    ['target', { target: 'https://api.linear.app/graphql?a' }],
    ['operation', { operation: 'linear.update_issue' }],
    ['connector', { connectorDigest: 'digest2' }],
    ['no credential', { credential: null }],
    ['vault', { credential: { vaultId: 'vlt_2', id: 'crd_1', version: 1 } }],
    ['credential', { credential: { vaultId: 'vlt_1', id: 'crd_2', version: 1 } }],
    ['version of the credential', { credential: { vaultId: 'vlt_1', id: 'crd_1', version: 2 } }],
    ['body', { bodySha256: new Uint8Array(32).fill(3) }],
    ['declared header', { headers: [['x-idempotency-key', 'b']] }],
    ['missing header', { headers: [] }],
    ['preview', { previewSha256: new Uint8Array(32).fill(4) }],
  ])('is another one for another %s', (_, change) => {
    expect(hex({ ...subject, ...change })).not.toBe(hex(subject));
  });

  it('tells apart texts that flow into each other', () => {
    const text = fc.string({ maxLength: 12 });
    const fields = fc.record({
      tenantId: text,
      sessionId: text,
      method: text,
      target: text,
      operation: text,
      connectorDigest: text,
    });
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        return same === (hex({ ...subject, ...a }) === hex({ ...subject, ...b }));
      }),
    );
  });

  it('tells apart headers that flow into each other', () => {
    const headers = fc.array(fc.tuple(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 })), { maxLength: 4 });
    fc.assert(
      fc.property(headers, headers, (a, b) => {
        return (
          (JSON.stringify(a) === JSON.stringify(b)) ===
          (hex({ ...subject, headers: a }) === hex({ ...subject, headers: b }))
        );
      }),
    );
  });
});
