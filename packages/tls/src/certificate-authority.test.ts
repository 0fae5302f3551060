import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CertificateAuthority, generateP256 } from './certificate-authority.js';
import { distinguishedName } from './certificate-names.js';
import type { Validity } from './certificate.js';
import { openssl } from './openssl.fixture.js';
import { certificatePem } from './pem.js';

const DAY_MS = 86_400_000;
const today = (): Validity => ({ notBefore: new Date(), notAfter: new Date(Date.now() + DAY_MS) });
const authorityFor = (validity = today()) =>
  CertificateAuthority.create({ name: 'Aileron session ses_1', ...validity });

async function leafOf(authority: CertificateAuthority, ...hosts: readonly string[]): Promise<X509Certificate> {
  const { publicKey } = await generateP256();
  const subject = { organization: 'Aileron' };
  return new X509Certificate(authority.leafWriter({ subject, publicKey, purposes: ['serverAuth'] })(hosts));
}

describe('CertificateAuthority', () => {
  it('says what RFC 5280 asks of an authority, as openssl reads it', async () => {
    const { certificatePem: pem } = await authorityFor();
    const text = openssl({ 'ca.pem': pem }, 'x509', '-in', 'ca.pem', '-noout', '-text');
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\s/);
    expect(text).toMatch(/Subject Key Identifier: \s+([0-9A-F]{2}:){19}[0-9A-F]{2}/);
    expect(text).toMatch(
      /Issuer: CN = Aileron session ses_1, O = Aileron\n[^]*Subject: CN = Aileron session ses_1, O = /,
    );
    expect(text.match(/Signature Algorithm: ecdsa-with-SHA256/g)).toHaveLength(2);
  });

  it('says what RFC 5280 asks of a leaf, as openssl reads it', async () => {
    const authority = await authorityFor();
    const leaf = await leafOf(authority, 'api.linear.app', '192.0.2.1', '2001:db8::1');
    const text = openssl({ 'leaf.pem': leaf.toString() }, 'x509', '-in', 'leaf.pem', '-noout', '-text');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\s/);
    expect(text).toMatch(/Extended Key Usage: \s+TLS Web Server Authentication\s/);
    expect(text).toContain('DNS:api.linear.app, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1');
    const identifiers = [...text.matchAll(/Key Identifier: \s+((?:[0-9A-F]{2}:){19}[0-9A-F]{2})/g)].map(([, id]) => id);
    const own = openssl(
      { 'ca.pem': authority.certificatePem },
      'x509',
      '-in',
      'ca.pem',
      '-noout',
      '-ext',
      'subjectKeyIdentifier',
    );
    expect(identifiers).toHaveLength(2);
    expect(own).toContain(identifiers[0]);
    expect(own).not.toContain(identifiers[1]);
  });

  it('gives every certificate a positive serial of 20 bytes, another each time', async () => {
    const authority = await authorityFor();
    const { publicKey } = await generateP256();
    const write = authority.leafWriter({ subject: { organization: 'x' }, publicKey, purposes: ['serverAuth'] });
    const serials = Array.from({ length: 200 }, () => new X509Certificate(write(['a.example'])).serialNumber);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{39}$/);
    expect(new Set(serials).size).toBe(200);
  });

  it('writes certificates that Node reads back and verifies, whatever their names and times', async () => {
    const keys = await generateP256();
    const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/);
    const host = fc.oneof(
      fc.array(label, { minLength: 1, maxLength: 3 }).map((l) => `${l.join('.')}.test`),
      fc.ipV4(),
    );
    const second = fc.integer({ min: Date.UTC(1950) / 1_000, max: Date.UTC(9999, 11, 31) / 1_000 });
    const organization = fc
      .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
      .filter((name) => name.length <= 64);
    const authority = await authorityFor();
    fc.assert(
      fc.property(
        fc.uniqueArray(host, { minLength: 1, maxLength: 4 }),
        second,
        second,
        organization,
        (hosts, a, b, name) => {
          const validity = { notBefore: new Date(a * 1_000), notAfter: new Date(b * 1_000) };
          const subject = { organization: name };
          const { publicKey } = keys;
          const der = authority.leafWriter({ subject, publicKey, purposes: ['serverAuth'], validity })(hosts);
          const read = new X509Certificate(der);
          expect(read.raw.equals(der)).toBe(true);
          expect(read.verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(true);
          expect(read.checkPrivateKey(keys.privateKey)).toBe(true);
          expect(read.validFromDate).toEqual(validity.notBefore);
          expect(read.validToDate).toEqual(validity.notAfter);
          expect(read.toLegacyObject().subject.O).toBe(name);
          expect(read.subjectAltName?.split(', ').map((entry) => entry.replace(/^(DNS|IP Address):/, ''))).toEqual(
            hosts,
          );
        },
      ),
    );
  });

  it.each(['2049-12-31T23:59:59Z', '2050-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'is valid until %s to the second, as openssl reads it',
    async (end) => {
      const { certificatePem: pem } = await authorityFor({ notBefore: new Date(), notAfter: new Date(end) });
      const said = openssl({ 'ca.pem': pem }, 'x509', '-in', 'ca.pem', '-noout', '-enddate', '-dateopt', 'iso_8601');
      expect(said.trim()).toBe(`notAfter=${end.replace('T', ' ')}`);
      const times = openssl({ 'ca.pem': pem }, 'asn1parse', '-in', 'ca.pem');
      expect(times).toMatch(
        end < '2050' ? /UTCTIME +:491231235959Z/ : /GENERALIZEDTIME +:(20500101000000|99991231235959)Z/,
      );
    },
  );

  it('calls the issuer by the same bytes that the authority calls itself', async () => {
    const authority = await authorityFor();
    const name = distinguishedName({ commonName: 'Aileron session ses_1', organization: 'Aileron' });
    // Sealed states of sessions hold authorities with this name: it is not to change.
    expect(name.toString('hex')).toBe(
      '3032311e301c06035504030c1541696c65726f6e2073657373696f6e207365735f313110300e060355040a130741696c65726f6e',
    );
    expect(new X509Certificate(authority.certificatePem).raw.indexOf(name)).toBeGreaterThan(0);
    expect((await leafOf(authority, 'a.example')).raw.indexOf(name)).toBeGreaterThan(0);
  });

  it('opens what it made with its own key only, and nothing that is not an authority of ours', async () => {
    const authority = await authorityFor();
    const { privateKey } = authority;
    const certificate = authority.certificatePem;
    expect(CertificateAuthority.open({ certificate, privateKey }).certificatePem).toBe(certificate);
    const other = (await generateP256()).privateKey;
    expect(() => CertificateAuthority.open({ certificate, privateKey: other })).toThrow('the key is of another');
    const leaf = authority.leafWriter({
      subject: { commonName: 'x', organization: 'Aileron' },
      publicKey: (await generateP256()).publicKey,
      purposes: ['serverAuth'],
    })(['a.example']);
    expect(() => CertificateAuthority.open({ certificate: certificatePem(leaf), privateKey })).toThrow(
      'not of an auth',
    );
    expect(() => CertificateAuthority.open({ certificate: 'none', privateKey })).toThrow();
  });

  it('signs for P-256 keys only', async () => {
    const authority = await authorityFor();
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const subject = { organization: 'Aileron' };
    expect(() => authority.leafWriter({ subject, publicKey, purposes: ['serverAuth'] })).toThrow('not a P-256 key');
  });
});
