import { isIPv4, isIPv6 } from 'node:net';

/** The 4 or 16 bytes of an address in network order (RFC 5280 4.2.1.6); null for everything else, zone ids too. */
export function ipAddressBytes(address: string): Buffer | null {
  if (!address.includes(':')) return isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : null;
  if (!isIPv6(address) || address.includes('%')) return null;
  const [before = '', after] = address.split('::');
  const head = groups(before);
  const tail = groups(after ?? '');
  return Buffer.concat([head, Buffer.alloc(16 - head.length - tail.length), tail]);
}

/** Of one side of `::`. The last group may be an IPv4 address (RFC 4291 2.2). */
function groups(text: string): Buffer {
  if (text === '') return Buffer.alloc(0);
  return Buffer.concat(
    text
      .split(':')
      .map((group) => (group.includes('.') ? group.split('.').map(Number) : sixteenBits(group)))
      .map((bytes) => Buffer.from(bytes)),
  );
}

function sixteenBits(hex: string): number[] {
  const value = Number.parseInt(hex, 16);
  return [value >> 8, value & 0xff];
}
