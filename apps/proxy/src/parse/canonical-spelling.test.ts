import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalHost, parseAuthority } from './canonical-host.js';
import { canonicalPath } from './canonical-path.js';
import { canonicalQuery } from './canonical-query.js';

describe('canonicalHost', () => {
  it.each([
    ['API.Example.COM', 'api.example.com'],
    ['api.example.com.', 'api.example.com'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['10.0.0.1', '10.0.0.1'],
    ['[2001:DB8::0:1]', '2001:db8::1'],
    ['[::ffff:1.2.3.4]', '::ffff:102:304'],
    ['_dmarc.example', '_dmarc.example'],
  ])('writes %s as %s', (text, host) => {
    expect(canonicalHost(text)).toBe(host);
  });

  it.each([
    '',
    '.',
    'a..b',
    '.a',
    'a..',
    '-a',
    'a-',
    'bücher.example',
    'a%2e',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '0x1',
    'a.0x7f',
    '1',
    '[::1',
    '::1',
    '[::1%eth0]',
    '[1.2.3.4]',
    'a b',
    'a:b',
    'a/b',
    'a\n',
    'a'.repeat(254),
    '__proto__.'.repeat(30),
  ])('has no spelling for %j', (text) => {
    expect(canonicalHost(text)).toBeNull();
  });

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.domain(),
          fc.ipV4(),
          fc.ipV6().map((ip) => `[${ip}]`),
        ),
        (text) => {
          const host = canonicalHost(text);
          if (host !== null) expect(canonicalHost(host.includes(':') ? `[${host}]` : host)).toBe(host);
        },
      ),
      { numRuns: 2_000, seed: 1 },
    );
  });

  it('agrees with the URL parser on every host that it takes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.stringMatching(/^[a-zA-Z0-9_.-]{1,20}$/)), (text) => {
        const host = canonicalHost(text);
        if (host === null || host.includes('xn--')) return;
        expect(new URL(`https://${host}/`).hostname).toBe(host);
      }),
      { numRuns: 2_000, seed: 2 },
    );
  });

  it('reads a port strictly', () => {
    expect(parseAuthority('a.example:8443')).toEqual({ host: 'a.example', port: 8443 });
    expect(parseAuthority('[::1]:443')).toEqual({ host: '::1', port: 443 });
    expect(parseAuthority('[::1]')).toEqual({ host: '::1', port: null });
    for (const text of [
      'a:',
      'a:0',
      'a:08',
      'a:+8',
      'a:8 ',
      'a:65536',
      'a:8:8',
      '[::1]8',
      '[::1]:',
      '[::1]x:8',
      '@a:8',
    ]) {
      expect(parseAuthority(text)).toBeNull();
    }
  });
});

describe('canonicalPath', () => {
  it.each([
    ['/', '/'],
    ['/v1/messages', '/v1/messages'],
    ['/a/', '/a/'],
    ['/%61%2D%7e', '/a-~'],
    ['/a%20b%c3%a9', '/a%20b%C3%A9'],
    ["/a:b@c!$&'()*+,=", "/a:b@c!$&'()*+,="],
    ['/a%23b%3f', '/a%23b%3F'],
    ['/...', '/...'],
    ['/a..b/.c', '/a..b/.c'],
  ])('writes %s as %s', (raw, path) => {
    expect(canonicalPath(raw)).toBe(path);
    expect(canonicalPath(path)).toBe(path);
  });

  it.each([
    '',
    '*',
    'a',
    '//',
    '/a//b',
    '/a//',
    '/./a',
    '/a/.',
    '/../a',
    '/a/..',
    '/a/../b',
    '/%2e%2e/a',
    '/a/%2E',
    '/.%2e/a',
    '/a%2fb',
    '/a%5Cb',
    '/a\\b',
    '/a;b',
    '/%252e',
    '/a%25',
    '/%00',
    '/%0a',
    '/%7F',
    '/%',
    '/%1',
    '/%zz',
    '/%c0%ae',
    '/%ed%a0%80',
    '/%ff',
    '/a b',
    '/a\tb',
    '/é',
    '/a"b',
    '/a<b',
    '/a{b}',
    '/a|b',
    '/a^b',
    '/a`b',
    '/a#b',
    '/a?b',
  ])('refuses %j', (raw) => {
    expect(() => canonicalPath(raw)).toThrow(expect.objectContaining({ code: 'REQUEST_MALFORMED' }));
  });

  it('means the same path to the URL parser', () => {
    const piece = fc.constantFrom(
      'a',
      'B',
      '.',
      '..',
      '/',
      '%2e',
      '%2F',
      '%41',
      '%C3%A9',
      '~',
      ';',
      ':',
      '%25',
      '-',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        let path: string;
        try {
          path = canonicalPath(`/${pieces.join('')}`);
        } catch {
          return;
        }
        expect(new URL(`https://a.example${path}`).pathname).toBe(path);
        expect(decodeURIComponent(path).split('/')).toEqual(path.split('/').map(decodeURIComponent));
      }),
      { numRuns: 5_000, seed: 3 },
    );
  });
});

describe('canonicalQuery', () => {
  it.each<[string, string, [string, string][]]>([
    [
      'a=1&A=2&a=3',
      'a=1&A=2&a=3',
      [
        ['a', '1'],
        ['A', '2'],
        ['a', '3'],
      ],
    ],
    ['%61=%62', 'a=b', [['a', 'b']]],
    [
      'q=a+b&r=a%20b&s=%2B',
      'q=a%20b&r=a%20b&s=%2B',
      [
        ['q', 'a b'],
        ['r', 'a b'],
        ['s', '+'],
      ],
    ],
    [
      'a[]=1&a[0]=2',
      'a%5B%5D=1&a%5B0%5D=2',
      [
        ['a[]', '1'],
        ['a[0]', '2'],
      ],
    ],
    [
      'flag&=v&&x=',
      'flag&=v&x=',
      [
        ['flag', ''],
        ['', 'v'],
        ['x', ''],
      ],
    ],
    [
      'a=b=c&u=https://x/?y',
      'a=b%3Dc&u=https%3A%2F%2Fx%2F%3Fy',
      [
        ['a', 'b=c'],
        ['u', 'https://x/?y'],
      ],
    ],
    ['__proto__=1', '__proto__=1', [['__proto__', '1']]],
    ['a=%26%3b', 'a=%26%3B', [['a', '&;']]],
  ])('reads %s', (raw, _, pairs) => {
    const query = canonicalQuery(raw);
    expect(query.pairs).toEqual(pairs);
    expect([...new URLSearchParams(query.text)]).toEqual(pairs);
    expect(canonicalQuery(query.text)).toEqual(query);
  });

  it.each([
    'a;b',
    'a=b;c=d',
    'a#b',
    'a b',
    'a"',
    'a<',
    'a=%',
    'a=%0',
    'a=%00',
    'a=%ff',
    'a=%c0%80',
    'é',
    Array(1_001).fill('a').join('&'),
  ])('refuses %#', (raw) => {
    expect(() => canonicalQuery(raw)).toThrow(expect.objectContaining({ code: 'REQUEST_MALFORMED' }));
  });

  it('sends what it matched, whoever decodes it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))), (pairs) => {
        const raw = new URLSearchParams(pairs).toString();
        if (raw.includes('%00')) return;
        const query = canonicalQuery(raw);
        expect([...new URLSearchParams(query.text)]).toEqual(query.pairs);
        expect(query.text).not.toContain('+');
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});
