import { AileronError } from '@aileron/errors';
import { contextPrimitive, directoryString, objectIdentifier, sequence, setOfOne } from './der-writer.js';
import { ipAddressBytes } from './ip-address-bytes.js';

const COMMON_NAME = objectIdentifier('2.5.4.3');
const ORGANIZATION = objectIdentifier('2.5.4.10');
/** ub-common-name, ub-organization-name (RFC 5280 appendix A.1). */
const MAX_ATTRIBUTE = 64;
/** CHOICE of GeneralName. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;
const MAX_HOST = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

export interface DistinguishedName {
  readonly commonName?: string;
  readonly organization: string;
}

/** Name of RFC 5280 4.1.2.4, common name first. */
export function distinguishedName({ commonName, organization }: DistinguishedName): Buffer {
  return sequence(
    ...(commonName === undefined ? [] : [attribute(COMMON_NAME, commonName)]),
    attribute(ORGANIZATION, organization),
  );
}

function attribute(type: Buffer, value: string): Buffer {
  if (value.length === 0 || value.length > MAX_ATTRIBUTE) throw new RangeError('a name of no or too many characters');
  return setOfOne(sequence(type, directoryString(value)));
}

/**
 * GeneralNames of host names (letters, digits, hyphen, underscore; IDN as punycode) and IP addresses. No wildcard, and no
 * trailing dot: clients compare without it (RFC 6125 B.2).
 * @throws AileronError INVALID_ARGUMENT for every other text
 */
export function hostNames(hosts: readonly string[]): Buffer {
  if (hosts.length === 0) throw new RangeError('a certificate for no host');
  return sequence(...hosts.map(generalName));
}

function generalName(host: string): Buffer {
  const address = ipAddressBytes(host);
  if (address !== null) return contextPrimitive(IP_ADDRESS, address);
  if (host.length > MAX_HOST || !host.split('.').every((label) => LABEL.test(label))) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field: 'host', message: 'is not a host name or an IP address' }],
    });
  }
  return contextPrimitive(DNS_NAME, Buffer.from(host, 'latin1'));
}
