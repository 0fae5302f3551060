import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { SessionCa } from './session-ca.js';
import { bundlePem } from './trust-bundle.js';

describe('the public roots of a bundle', () => {
  it('are those that Node carries, as OpenSSL writes them', async () => {
    const now = new Date('2026-11-01T00:00:00Z');
    const { certificatePem } = await SessionCa.create({ sessionId: 'ses_1', now, ttlSeconds: 3_600 });
    const written = [certificatePem, ...rootCertificates].map((pem) => new X509Certificate(pem).toString().trim());
    for (let twice = 0; twice < 2; twice++)
      expect(bundlePem({ certificatePem })).toBe(written.map((pem) => `${pem}\n`).join(''));
  });
});
