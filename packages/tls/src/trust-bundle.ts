import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/**
 * The PEM file an agent's runtimes read their roots from: the session's CA first, then the public roots, so that hosts
 * which are passed through verify too. `roots` replaces Mozilla's list as Node carries it.
 */
export function bundlePem(input: { readonly certificatePem: string; readonly roots?: readonly string[] }): string {
  const certificates = [input.certificatePem, ...(input.roots ?? rootCertificates)];
  return certificates.map((pem) => `${new X509Certificate(pem).toString().trim()}\n`).join('');
}
