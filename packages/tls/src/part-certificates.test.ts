import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { openssl } from './openssl.fixture.js';
import { createPartAuthority, issuePartCertificate, type CertificateAndKey } from './part-certificates.js';

const DAY_MS = 86_400_000;
const now = new Date();
const issue = (authority: CertificateAndKey, part: string, hosts: readonly string[] = ['127.0.0.1', '::1']) =>
  issuePartCertificate({ authority, part, tenantId: 'ten_1', hosts, now });

describe('certificates of parts', () => {
  it('let parts of one authority speak to each other, each showing who it is', async () => {
    const authority = await createPartAuthority({ now });
    const [proxy, plane] = await Promise.all([issue(authority, 'proxy'), issue(authority, 'mgmt-plane')]);
    const own = ({ certificatePem: cert, privateKeyPem: key }: CertificateAndKey) => ({
      cert,
      key,
      ca: authority.certificatePem,
    });
    const server = createServer({ ...own(plane), requestCert: true, rejectUnauthorized: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
    const { port } = server.address() as AddressInfo;
    const client = connect({ host: '127.0.0.1', port, servername: 'mgmt-plane', ...own(proxy) });
    const [caller] = await accepted;
    expect(caller.getPeerCertificate().subject).toMatchObject({ CN: 'proxy', O: 'ten_1' });
    expect(client.getPeerCertificate().subject).toMatchObject({ CN: 'mgmt-plane', O: 'ten_1' });
    client.destroy();
    caller.destroy();
    server.close();
  });

  it('make a chain that openssl takes for servers and clients, for 90 days within the authority', async () => {
    const authority = await createPartAuthority({ now });
    const { certificatePem } = await issue(authority, 'proxy');
    const files = { 'ca.pem': authority.certificatePem, 'part.pem': certificatePem };
    for (const purpose of ['sslserver', 'sslclient']) {
      const said = openssl(files, 'verify', '-x509_strict', '-CAfile', 'ca.pem', '-purpose', purpose, 'part.pem');
      expect(said).toContain('part.pem: OK');
    }
    const { subjectAltName, validToDate } = new X509Certificate(certificatePem);
    expect(subjectAltName).toBe('DNS:proxy, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    expect(Math.abs(validToDate.getTime() - now.getTime() - 90 * DAY_MS)).toBeLessThan(1_000);
    const late = new Date(now.getTime() + 300 * DAY_MS);
    const last = await issuePartCertificate({ authority, part: 'proxy', tenantId: 'ten_1', hosts: [], now: late });
    expect(new X509Certificate(last.certificatePem).validTo).toBe(
      new X509Certificate(authority.certificatePem).validTo,
    );
  });

  it('come of no other authority, and for no host that is none', async () => {
    const authority = await createPartAuthority({ now });
    const other = await createPartAuthority({ now });
    const part = await issue(authority, 'proxy');
    const subject = [
      '-nodes',
      '-subj',
      '/O=Somebody/CN=CA',
      '-keyout',
      '-',
      '-newkey',
      'ec',
      '-pkeyopt',
      'group:P-256',
    ];
    const foreign = openssl({}, 'req', '-x509', ...subject);
    for (const wrong of [
      { ...authority, privateKeyPem: other.privateKeyPem },
      { ...authority, certificatePem: 'none' },
      { certificatePem: foreign, privateKeyPem: foreign },
      part,
    ]) {
      await expect(issue(wrong, 'proxy')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }
    await expect(issue(authority, 'proxy', ['*.example'])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
