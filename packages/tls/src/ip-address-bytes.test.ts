import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ipAddressBytes } from './ip-address-bytes.js';

/** As the URL standard's parser, another reader, spells the same 16 bytes. */
const spelled = (address: string): string => new URL(`http://[${address}]`).hostname;
const groupsOf = (bytes: Buffer): string => bytes.toString('hex').replaceAll(/.{4}(?!$)/g, '$&:');

describe('the bytes of an IP address', () => {
  it.each([
    ['203.0.113.7', 'cb007107'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['1::', '00010000000000000000000000000000'],
    ['2001:db8::7', '20010db8000000000000000000000007'],
    ['2001:DB8:0:1:2:3:4:5', '20010db8000000010002000300040005'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['64:ff9b::198.51.100.9', '0064ff9b0000000000000000c6336409'],
  ])('are those of %s', (address, expected) => {
    expect(ipAddressBytes(address)?.toString('hex')).toBe(expected);
  });

  it.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '0x7f.1',
    '[::1]',
    'fe80::1%eth0',
    ':::',
    '1:2',
  ])('are none for %j', (text) => {
    expect(ipAddressBytes(text)).toBeNull();
  });

  it('are the same for every spelling', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const bytes = ipAddressBytes(address);
        expect(bytes).toHaveLength(16);
        expect(spelled(groupsOf(bytes ?? Buffer.alloc(0)))).toBe(spelled(address));
      }),
    );
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect([...(ipAddressBytes(address) ?? [])].join('.')).toBe(address);
      }),
    );
  });
});
