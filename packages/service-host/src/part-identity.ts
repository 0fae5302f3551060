import { X509Certificate } from 'node:crypto';
import { AileronError } from '@aileron/errors';
import type { MutualTls } from './mutual-tls.js';

/** Who a part is by its certificate: the common name is the part, the organization the tenant it serves. */
export interface PartIdentity {
  readonly part: string;
  /** Null: of no tenant, as in a certificate without an organization. */
  readonly tenantId: string | null;
}

/** @throws AileronError CONFIG_INVALID naming the file's field */
export function identityOf({ certificatePem }: Pick<MutualTls, 'certificatePem'>): PartIdentity {
  try {
    return identityOfSubject(new X509Certificate(certificatePem).toLegacyObject().subject);
  } catch (cause) {
    throw new AileronError(
      'CONFIG_INVALID',
      { fields: [{ field: 'tls.crt', message: 'is not a PEM certificate' }] },
      { cause },
    );
  }
}

/** A name that is there twice is nobody's. */
export function identityOfSubject(subject: Readonly<Record<string, unknown>> | undefined): PartIdentity {
  const { CN: part, O: tenantId } = subject ?? {};
  return {
    part: typeof part === 'string' ? part : 'unproved',
    tenantId: typeof tenantId === 'string' ? tenantId : null,
  };
}

/** @throws AileronError TENANT_MISMATCH: parts of two tenants never speak, whatever a call says of itself */
export function assertSameTenant(own: PartIdentity, peer: PartIdentity): void {
  if (own.tenantId === peer.tenantId) return;
  throw new AileronError('TENANT_MISMATCH', { own: nameOf(own), peer: nameOf(peer) });
}

export const nameOf = ({ part, tenantId }: PartIdentity): string =>
  tenantId === null ? part : `${part} of ${tenantId}`;
