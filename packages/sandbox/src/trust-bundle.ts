import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { AileronError } from '@aileron/errors';
import { HOST_CERTIFICATE_BUNDLES } from './etc-files.js';

const MAX_BUNDLE_BYTES = 4_000_000;

/** PEM of the public roots, as this host trusts them (else as Node does), and of the session's CA. */
export async function trustBundle(runtimeDirectory: string): Promise<string> {
  const session = await readBounded(join(runtimeDirectory, 'ca.pem'));
  if (session === null || !session.includes('-----BEGIN CERTIFICATE-----')) {
    throw new AileronError('SANDBOX_UNAVAILABLE', { reason: `The session has no certificate in ${runtimeDirectory}.` });
  }
  return `${(await publicRoots()).trimEnd()}\n${session.trimEnd()}\n`;
}

async function publicRoots(): Promise<string> {
  for (const path of HOST_CERTIFICATE_BUNDLES) {
    const bundle = await readBounded(path);
    if (bundle?.includes('-----BEGIN CERTIFICATE-----') === true) return bundle;
  }
  return rootCertificates.join('\n');
}

async function readBounded(path: string): Promise<string | null> {
  try {
    await using file = await open(path, 'r');
    if ((await file.stat()).size > MAX_BUNDLE_BYTES) return null;
    return await file.readFile('utf8');
  } catch {
    return null;
  }
}
