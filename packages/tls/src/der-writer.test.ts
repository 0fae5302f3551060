import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  bitString,
  boolean,
  contextConstructed,
  contextPrimitive,
  directoryString,
  integer,
  MAX_DER_BYTES,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
  setOfOne,
  time,
  unsignedInteger,
} from './der-writer.js';
import { openssl } from './openssl.fixture.js';

const hex = (der: Uint8Array): string => Buffer.from(der).toString('hex');
const asn1 = (der: Uint8Array): string => openssl({ 'a.der': der }, 'asn1parse', '-inform', 'der', '-in', 'a.der');

/** Tag and content of the one element that these bytes are, its length in the shortest form. */
function open(der: Buffer): { readonly tag: number; readonly content: Buffer } {
  const [tag = -1, first = 0] = der;
  const more = first < 0x80 ? 0 : first - 0x80;
  const length = more === 0 ? first : der.readUIntBE(2, more);
  expect(more).toBe(length < 0x80 ? 0 : length < 0x100 ? 1 : 2);
  expect(der).toHaveLength(2 + more + length);
  return { tag, content: der.subarray(2 + more) };
}

describe('the DER writer', () => {
  it.each<[string, Buffer, string]>([
    ['zero', integer(0), '020100'],
    ['127', integer(127), '02017f'],
    ['128, which is not negative', integer(128), '02020080'],
    ['256', integer(256), '02020100'],
    ['leading zeros left out', unsignedInteger(Buffer.from('000001', 'hex')), '020101'],
    ['true', boolean(true), '0101ff'],
    ['false', boolean(false), '010100'],
    ['the first bit', namedBits(0), '03020780'],
    ['bits without zeros at the end', namedBits(5, 6), '03020106'],
    ['no bits', namedBits(), '030100'],
    ['whole bytes', bitString(Buffer.from('80', 'hex')), '03020080'],
    ['X.690 8.19.5', objectIdentifier('2.999.3'), '0603883703'],
    ['an arc of two bytes', objectIdentifier('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    ['printable text', directoryString('Aileron parts'), '130d41696c65726f6e207061727473'],
    ['text with an underscore', directoryString('a_b'), '0c03615f62'],
    ['text beyond ASCII', directoryString('é'), '0c02c3a9'],
    ['an empty sequence', sequence(), '3000'],
    ['a set', setOfOne(integer(1)), '3103020101'],
    ['a context tag', contextPrimitive(2, Buffer.from('a')), '820161'],
    ['an explicit tag', contextConstructed(0, integer(2)), 'a003020102'],
    ['the last second of UTCTime', time(new Date('2049-12-31T23:59:59.999Z')), '170d3439313233313233353935395a'],
    ['the first of GeneralizedTime', time(new Date('2050-01-01T00:00:00Z')), '180f32303530303130313030303030305a'],
    ['the last of all', time(new Date('9999-12-31T23:59:59Z')), '180f39393939313233313233353935395a'],
  ])('writes %s', (_, der, expected) => {
    expect(hex(der)).toBe(expected);
  });

  it.each<[string, () => Buffer]>([
    ['a negative number', () => integer(-1)],
    ['a fraction', () => integer(0.5)],
    ['a number past 2^53', () => integer(2 ** 53)],
    ['a number without bytes', () => unsignedInteger(new Uint8Array())],
    ['a bit past the first byte', () => namedBits(8)],
    ['an identifier with one arc', () => objectIdentifier('2')],
    ['a root past 2', () => objectIdentifier('3.1')],
    ['a second arc past 39', () => objectIdentifier('1.40')],
    ['an arc with a leading zero', () => objectIdentifier('1.2.03')],
    ['an arc past 2^53', () => objectIdentifier('2.9999999999999999')],
    ['a lone surrogate', () => directoryString('\ud800')],
    ['a tag of two bytes', () => contextPrimitive(31, Buffer.alloc(0))],
    ['a time before UTCTime', () => time(new Date('1949-12-31T23:59:59Z'))],
    ['a year of five digits', () => time(new Date('+010000-01-01T00:00:00Z'))],
    ['no time', () => time(new Date(Number.NaN))],
    ['more than its bound', () => octetString(Buffer.alloc(MAX_DER_BYTES + 1))],
  ])('refuses %s', (_, write) => {
    expect(write).toThrow(RangeError);
  });

  it('says every length in the shortest form', () => {
    const edges = [0, 1, 127, 128, 255, 256, 65_534, MAX_DER_BYTES];
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...edges), fc.nat({ max: MAX_DER_BYTES })), (length) => {
        expect(open(octetString(Buffer.alloc(length))).content).toHaveLength(length);
      }),
    );
  });

  it('writes numbers that are read back, in the fewest bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const { tag, content } = open(unsignedInteger(bytes));
        expect(tag).toBe(0x02);
        expect(BigInt(`0x${hex(content)}`)).toBe(BigInt(`0x${hex(bytes)}`));
        expect(content[0]).toBeLessThan(0x80);
        if (content[0] === 0 && content.length > 1) expect(content[1]).toBeGreaterThanOrEqual(0x80);
      }),
    );
  });

  it('writes numbers and identifiers as openssl reads them', () => {
    const arcs = fc.array(fc.nat({ max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 8 });
    const identifiers = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 39 }), arcs).map((all) => all.flat().join('.'));
    const oids = fc.sample(identifiers, { numRuns: 100, seed: 3 });
    const numbers = fc.sample(fc.maxSafeNat(), { numRuns: 100, seed: 3 });
    const read = asn1(sequence(...oids.map(objectIdentifier), ...numbers.map(integer)));
    const values = [...read.matchAll(/prim: (?:OBJECT|INTEGER) +:(.*)/g)].map(([, value]) => value);
    const inHex = numbers.map((number) => number.toString(16).toUpperCase());
    expect(values.slice(0, 100)).toEqual(oids);
    expect(values.slice(100)).toEqual(inHex.map((digits) => digits.padStart(digits.length + (digits.length % 2), '0')));
  });

  it('keeps what it holds apart, to any depth', () => {
    const { content } = open(sequence(sequence(integer(1)), contextConstructed(3, octetString(Buffer.alloc(300)))));
    expect(hex(content.subarray(0, 5))).toBe('3003020101');
    expect(hex(content.subarray(5, 13))).toBe('a38201300482012c');
  });
});
