import { randomBytes } from 'node:crypto';
import { BlockList } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { classifyAddress, isSpecialAddress } from './special-address.js';

/** First and last address of every range that is never an upstream. */
const RANGES: readonly (readonly [range: string, first: string, last: string])[] = [
  ['0.0.0.0/8', '0.0.0.0', '0.255.255.255'],
  ['10.0.0.0/8', '10.0.0.0', '10.255.255.255'],
  ['100.64.0.0/10', '100.64.0.0', '100.127.255.255'],
  ['127.0.0.0/8', '127.0.0.0', '127.255.255.255'],
  ['169.254.0.0/16', '169.254.0.0', '169.254.255.255'],
  ['172.16.0.0/12', '172.16.0.0', '172.31.255.255'],
  ['192.0.0.0/24', '192.0.0.0', '192.0.0.255'],
  ['192.0.2.0/24', '192.0.2.0', '192.0.2.255'],
  ['192.88.99.0/24', '192.88.99.0', '192.88.99.255'],
  ['192.168.0.0/16', '192.168.0.0', '192.168.255.255'],
  ['198.18.0.0/15', '198.18.0.0', '198.19.255.255'],
  ['198.51.100.0/24', '198.51.100.0', '198.51.100.255'],
  ['203.0.113.0/24', '203.0.113.0', '203.0.113.255'],
  ['224.0.0.0/4', '224.0.0.0', '239.255.255.255'],
  ['240.0.0.0/4', '240.0.0.0', '255.255.255.255'],
  ['::/96', '::', '::ffff:ffff'],
  ['::ffff:0:0/96', '::ffff:0:0', '::ffff:ffff:ffff'],
  ['64:ff9b::/96', '64:ff9b::', '64:ff9b::ffff:ffff'],
  ['64:ff9b:1::/48', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
  ['100::/64', '100::', '100::ffff:ffff:ffff:ffff'],
  ['2001::/32', '2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db8::/32', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2002::/16', '2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['3fff::/20', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['5f00::/16', '5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fc00::/7', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fe80::/10', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fec0::/10', 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['ff00::/8', 'ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
];

const isV6 = (address: string) => address.includes(':');
const randomAddress = (v6: boolean) =>
  v6 ? Array.from({ length: 8 }, () => randomBytes(2).toString('hex')).join(':') : [...randomBytes(4)].join('.');

describe('an address', () => {
  it.each(RANGES)('of %s is special, from the first to the last', (_, first, last) => {
    expect([first, last].map(isSpecialAddress)).toEqual([true, true]);
  });

  it('is special exactly where an independent list of the ranges says so', () => {
    const lists = { v4: new BlockList(), v6: new BlockList() };
    for (const [range] of [...RANGES, ['100:0:0:1::/64'], ['2001::/23'], ['168.63.129.16/32']] as const) {
      const [network = '', prefix] = range.split('/');
      lists[isV6(network) ? 'v6' : 'v4'].addSubnet(network, Number(prefix), isV6(network) ? 'ipv6' : 'ipv4');
    }
    const near = RANGES.flatMap(([range]) => {
      const network = range.split('/')[0]!;
      return Array.from({ length: 40 }, () => {
        const parts = randomAddress(isV6(network)).split(isV6(network) ? ':' : '.');
        const head = isV6(network)
          ? network.split('::')[0]!.split(':').filter(Boolean)
          : network.split('.').slice(0, 2);
        return [...head, ...parts.slice(head.length)].join(isV6(network) ? ':' : '.');
      });
    });
    const anywhere = Array.from({ length: 4_000 }, (_, i) => randomAddress(i % 2 === 0));
    const wrong = [...near, ...anywhere].filter((address) => {
      const expected = isV6(address) ? lists.v6.check(address, 'ipv6') : lists.v4.check(address, 'ipv4');
      return isSpecialAddress(address) !== expected;
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['8.8.8.8', 'public'],
    ['1.1.1.1', 'public'],
    ['172.32.0.1', 'public'],
    ['100.128.0.1', 'public'],
    ['2606:4700::6810:84e5', 'public'],
    ['2a00:1450:4001:830::200e', 'public'],
    ['169.254.169.254', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['FE80::1', 'link-local'],
    ['::1', 'loopback'],
    ['::', 'unspecified'],
  ])('%s is %s', (address, kind) => {
    expect(classifyAddress(address).kind).toBe(kind);
  });

  it.each([
    ['::ffff:169.254.169.254', 'metadata'],
    ['::ffff:7f00:1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b:1::c0a8:1', 'private'],
    ['2002:7f00:0001::1', 'loopback'],
    ['2002:a9fe:a9fe::', 'metadata'],
    ['2001:0:4136:e378:8000:63bf:80ff:fffe', 'loopback'],
    ['::ffff:8.8.8.8', 'translation'],
    ['64:ff9b::808:808', 'translation'],
    ['2002:808:808::1', 'translation'],
  ])('%s is judged by the IPv4 address inside: %s', (address, kind) => {
    expect(classifyAddress(address).kind).toBe(kind);
    expect(isSpecialAddress(address)).toBe(true);
  });

  it.each([
    '0x7f.0.0.1',
    '0177.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '08.8.8.8',
    '8.8.8.8.',
    ' 8.8.8.8',
    '8.8.8.8%eth0',
    'fe80::1%eth0',
    '2606:4700::1%1',
    '[2606:4700::1]',
    '１.1.1.1',
    '1.1.1.256',
    '',
  ])('%j is not in its plain notation, and so is special', (address) => {
    expect(classifyAddress(address)).toEqual({ kind: 'invalid', range: null });
    expect(isSpecialAddress(address)).toBe(true);
  });
});
