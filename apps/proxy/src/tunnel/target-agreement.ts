import { isIP } from 'node:net';
import type { ClientHello } from '@aileron/tls';
import { AileronError } from '@aileron/errors';
import { canonicalHost } from '../parse/canonical-host.js';
import type { TunnelTarget } from '../parse/request-head.js';

export type Hello = Extract<ClientHello, { status: 'ok' }>;

/**
 * SNI has to be the name that CONNECT gave. Without SNI only an address can be meant, and only where we end the TLS and
 * see the Host: a tunnel that passes through would go nobody knows where. For the same reason an encrypted ClientHello
 * does not pass through; where we end the TLS its outer name is all there is.
 * @throws AileronError TARGET_MISMATCH, PROTOCOL_REFUSED
 */
export function agreedSni(hello: Hello, target: TunnelTarget, decision: 'mediate' | 'splice'): string | null {
  const sni = hello.sni === null ? null : canonicalHost(hello.sni);
  if (hello.sni !== null && sni !== target.host) throw new AileronError('TARGET_MISMATCH', { part: 'sni' });
  if (sni === null && (decision === 'splice' || isIP(target.host) === 0)) {
    throw new AileronError('TARGET_MISMATCH', { part: 'sni' });
  }
  if (hello.ech && decision === 'splice')
    throw new AileronError('PROTOCOL_REFUSED', { reason: 'encrypted ClientHello' });
  return sni;
}
