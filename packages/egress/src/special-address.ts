import { BlockList, isIP, isIPv4 } from 'node:net';

/** IANA special-purpose registries (RFC 6890 and updates), and what else must never be an upstream. */
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const SPECIAL_V6: readonly (readonly [string, number])[] = [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['100:0:0:1::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const special = new BlockList();
for (const [network, prefix] of SPECIAL_V4) special.addSubnet(network, prefix, 'ipv4');
const specialV6 = new BlockList();
for (const [network, prefix] of SPECIAL_V6) specialV6.addSubnet(network, prefix, 'ipv6');

/**
 * Whether an address is private, link-local, metadata, documentation, multicast or otherwise not a public unicast
 * host. Forms that embed an IPv4 address (mapped, NAT64, 6to4, Teredo) are special as a whole: no public service is
 * reached by them. What is not an address in its plain notation is special too, a zone id included.
 */
export function isSpecialAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return true;
  return isIPv4(address) ? special.check(address, 'ipv4') : specialV6.check(address, 'ipv6');
}
