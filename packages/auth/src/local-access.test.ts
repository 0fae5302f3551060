import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { assertLocalAccessOptions, authorize, hashToken, type AccessRequest } from './local-access.js';
import { assertLoopback } from './loopback.js';

const token = randomBytes(32).toString('base64url');
const page = 'http://127.0.0.1:3000';
const options = { tokenSha256: hashToken(token), allowedOrigins: [page] };
const request = (rest: Partial<AccessRequest> = {}): AccessRequest => ({
  hosts: ['127.0.0.1:3100'],
  origin: undefined,
  secFetchSite: undefined,
  authorization: `Bearer ${token}`,
  localPort: 3100,
  ...rest,
});
const check =
  (rest: Partial<AccessRequest> = {}) =>
  () =>
    authorize(request(rest), 'local-token', options);
const code = (value: string) => expect.objectContaining({ code: value }) as unknown as Error;

describe('a call with the local token', () => {
  it.each(['127.0.0.1:3100', 'localhost:3100', 'LOCALHOST:3100', '[::1]:3100'])('is taken for Host %s', (host) => {
    expect(check({ hosts: [host] })).not.toThrow();
  });

  it('is taken from a page of an allowed origin', () => {
    for (const secFetchSite of [undefined, 'same-origin', 'same-site', 'none']) {
      expect(check({ origin: page, secFetchSite })).not.toThrow();
    }
    expect(check({ secFetchSite: 'same-origin' })).not.toThrow();
  });

  it.each([
    [[]],
    [['']],
    [['evil.example.com']],
    [['evil.example.com:3100']],
    [['127.0.0.1']],
    [['127.0.0.1:3101']],
    [['127.0.0.1:03100']],
    [['localhost.:3100']],
    [['127.0.0.1.nip.io:3100']],
    [['127.0.0.2:3100']],
    [['127.1:3100']],
    [['0.0.0.0:3100']],
    [['0x7f.0.0.1:3100']],
    [['[::ffff:127.0.0.1]:3100']],
    [['user@127.0.0.1:3100']],
    [['127.0.0.1:3100/']],
    [[' 127.0.0.1:3100']],
    [['127.0.0.1:3100,evil.example.com']],
    [['127.0.0.1:3100', '127.0.0.1:3100']],
    [['127.0.0.1:3100', 'evil.example.com']],
  ])('is refused for Host %j', (hosts) => {
    expect(check({ hosts })).toThrow(code('ORIGIN_REFUSED'));
  });

  it('is refused when its port is not known', () => {
    expect(check({ hosts: ['127.0.0.1:undefined'], localPort: undefined })).toThrow(code('ORIGIN_REFUSED'));
  });

  it.each([
    'null',
    '',
    'https://evil.example.com',
    'http://127.0.0.1:3001',
    'https://127.0.0.1:3000',
    'http://127.0.0.1:3000.evil.com',
    'HTTP://127.0.0.1:3000',
    `${page}/`,
    `${page},${page}`,
  ])('is refused from origin %j', (origin) => {
    expect(check({ origin })).toThrow(code('ORIGIN_REFUSED'));
  });

  it.each([
    [undefined, 'cross-site'],
    [undefined, 'same-site'],
    [undefined, 'same-origin, cross-site'],
    [undefined, ''],
    [page, 'cross-site'],
  ])('is refused from origin %j that the browser calls %j', (origin, secFetchSite) => {
    expect(check({ origin, secFetchSite })).toThrow(code('ORIGIN_REFUSED'));
  });
});

describe('a call without the token', () => {
  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    `Bearer ${token} `,
    `bearer ${token}`,
    `Basic ${token}`,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer ${Buffer.from(options.tokenSha256).toString('base64url')}`,
    `Bearer ${'x'.repeat(600)}`,
    token,
  ])('is refused with Authorization %j', (authorization) => {
    expect(check({ authorization })).toThrow(code('UNAUTHENTICATED'));
  });

  it('is answered where the route is public, and refused where the route says nothing, even with the token', () => {
    expect(() => authorize(request({ authorization: undefined }), 'public', options)).not.toThrow();
    expect(() => authorize(request(), undefined, options)).toThrow(code('PERMISSION_DENIED'));
  });

  it('is refused everywhere when the options hold no digest', () => {
    const broken = { tokenSha256: new Uint8Array(), allowedOrigins: [] };
    expect(() => authorize(request(), 'local-token', broken)).toThrow(code('UNAUTHENTICATED'));
    expect(() => assertLocalAccessOptions(broken)).toThrow(code('CONFIG_INVALID'));
  });
});

describe('local access', () => {
  it.each([
    '*',
    'null',
    'https://evil.example.com',
    'http://127.0.0.1:3000/',
    'http://localhost.evil.com',
    'http://10.0.0.1:3000',
  ])('does not start with the allowed origin %j', (origin) => {
    expect(() => assertLocalAccessOptions({ ...options, allowedOrigins: [origin] })).toThrow(code('CONFIG_INVALID'));
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', ''])('does not listen on %j', (host) => {
    expect(() => assertLoopback(host)).toThrow(code('CONFIG_INVALID'));
  });

  it('starts with what protects', () => {
    expect(() => assertLocalAccessOptions({ ...options, allowedOrigins: [page, 'http://[::1]:3000'] })).not.toThrow();
    for (const host of ['127.0.0.1', '::1', 'localhost']) expect(() => assertLoopback(host)).not.toThrow();
  });
});
