import { isIPv4, isIPv6 } from 'node:net';

/** An address in its bytes, network order: 4 of them or 16. */
export type AddressBytes = Uint8Array;

/**
 * The bytes of an address in its plain notation (dotted decimal without leading zeros, RFC 4291 text); undefined for
 * everything else: a zone id, octal, hexadecimal, short or whole-number IPv4, brackets.
 */
export function parseAddress(text: string): AddressBytes | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  return parseIpv6(text);
}

function parseIpv6(text: string): AddressBytes {
  const [head = '', tail] = text.split('::');
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<number>(Math.max(0, 16 - first.length - last.length)).fill(0);
  return Uint8Array.from([...first, ...zeros, ...last]);
}

/** The bytes of `a:b:c`, of which the last part may be dotted decimal. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Whether the first `prefix` bits of an address are those of the network. */
export function isWithin(address: AddressBytes, network: AddressBytes, prefix: number): boolean {
  if (address.length !== network.length) return false;
  for (let bit = 0; bit < prefix; bit += 8) {
    const mask = prefix - bit >= 8 ? 0xff : (0xff << (8 - (prefix - bit))) & 0xff;
    const at = bit >> 3;
    if (((address[at] ?? 0) & mask) !== ((network[at] ?? 0) & mask)) return false;
  }
  return true;
}

export const formatIpv4 = (bytes: AddressBytes): string => [...bytes].join('.');
