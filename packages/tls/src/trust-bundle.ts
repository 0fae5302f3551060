import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { certificatePem as pemOf } from './pem.js';

/**
 * The PEM file an agent's runtimes read their roots from: the session's CA first, then the public roots, so that hosts
 * which are passed through verify too. `roots` replaces Mozilla's list as Node carries it.
 */
export function bundlePem(input: { readonly certificatePem: string; readonly roots?: readonly string[] }): string {
  return parsed(input.certificatePem) + (input.roots?.map(parsed).join('') ?? publicRoots());
}

const parsed = (pem: string): string => pemOf(new X509Certificate(pem).raw);

let publicPem: string | null = null;

/** They are the same for all. Node parsed them before it carried them: to do it again takes 8 ms, and everybody waits. */
function publicRoots(): string {
  publicPem ??= rootCertificates
    .map((pem) => pemOf(Buffer.from(pem.replaceAll(/-----[^-]*-----/g, ''), 'base64')))
    .join('');
  return publicPem;
}
