import { hostNames } from './certificate-names.js';
import {
  boolean,
  contextPrimitive,
  integer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
} from './der-writer.js';

// Extensions of RFC 5280 4.2.1; each function writes one.

const OID = {
  subjectKeyIdentifier: objectIdentifier('2.5.29.14'),
  keyUsage: objectIdentifier('2.5.29.15'),
  subjectAltName: objectIdentifier('2.5.29.17'),
  basicConstraints: objectIdentifier('2.5.29.19'),
  authorityKeyIdentifier: objectIdentifier('2.5.29.35'),
  extKeyUsage: objectIdentifier('2.5.29.37'),
} as const;
const KEY_USAGE_BIT = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 } as const;
const PURPOSE = {
  serverAuth: objectIdentifier('1.3.6.1.5.5.7.3.1'),
  clientAuth: objectIdentifier('1.3.6.1.5.5.7.3.2'),
} as const;
/** keyIdentifier of AuthorityKeyIdentifier. */
const KEY_IDENTIFIER = 0;

export type KeyUsage = keyof typeof KEY_USAGE_BIT;
export type Purpose = keyof typeof PURPOSE;

/** An authority that signs leaves and no other authority. */
export function authorityConstraints(): Buffer {
  return critical(OID.basicConstraints, sequence(boolean(true), integer(0)));
}

/** No authority: `cA` is false, which is the default and so is not written (X.690 11.5). */
export function leafConstraints(): Buffer {
  return critical(OID.basicConstraints, sequence());
}

export function keyUsage(...usages: readonly KeyUsage[]): Buffer {
  return critical(OID.keyUsage, namedBits(...usages.map((usage) => KEY_USAGE_BIT[usage])));
}

export function extendedKeyUsage(...purposes: readonly Purpose[]): Buffer {
  return optional(OID.extKeyUsage, sequence(...purposes.map((purpose) => PURPOSE[purpose])));
}

export function subjectKeyIdentifier(identifier: Uint8Array): Buffer {
  return optional(OID.subjectKeyIdentifier, octetString(identifier));
}

export function authorityKeyIdentifier(identifier: Uint8Array): Buffer {
  return optional(OID.authorityKeyIdentifier, sequence(contextPrimitive(KEY_IDENTIFIER, identifier)));
}

/** Not critical: the subject is never empty. @throws AileronError INVALID_ARGUMENT */
export function subjectAltName(hosts: readonly string[]): Buffer {
  return optional(OID.subjectAltName, hostNames(hosts));
}

function critical(id: Buffer, value: Buffer): Buffer {
  return sequence(id, boolean(true), octetString(value));
}

function optional(id: Buffer, value: Buffer): Buffer {
  return sequence(id, octetString(value));
}
