import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { findCanary } from '@aileron/testing';
import {
  KEY,
  GET,
  answering,
  withLength,
  ask,
  proxyTo,
  upstreamWith,
  closeAll,
} from '../upstream/upstream-wire.fixture.js';

afterAll(closeAll);

describe('a reflected secret', () => {
  const leaks = (bytes: Uint8Array): string[] => findCanary(bytes, KEY);

  it('is masked in status line, headers, redirect and body, in every form', async () => {
    for (const { bytes } of KEY.forms) {
      const text = Buffer.from(bytes);
      const visible = text.every((byte) => byte >= 0x20 && byte < 0x7f) ? text : Buffer.alloc(0);
      const answer = Buffer.concat([
        Buffer.from('HTTP/1.1 200 '),
        visible,
        Buffer.from('\r\nX-Echo: '),
        visible,
        Buffer.from('\r\nLocation: https://x/?k='),
        visible,
        Buffer.from(`\r\nContent-Length: ${text.length * 2 + 1}\r\n\r\n`),
        text,
        Buffer.from(' '),
        text,
      ]);
      const { proxy } = await proxyTo(await upstreamWith(answering(answer, 7)));
      const response = await proxy.request(GET);
      expect(leaks(response.raw)).toEqual([]);
      expect(response.body).toHaveLength(text.length * 2 + 1);
    }
  });

  it('is masked in events split anywhere, and in trailers, which are dropped', async () => {
    const event = `data: {"key":"${KEY.value}"}\n\n`;
    const answer = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-K\r\n\r\n${event
      .split('')
      .map((c) => `1\r\n${c}\r\n`)
      .join('')}0\r\nX-K: ${KEY.value}\r\n\r\n`;
    const { proxy } = await proxyTo(await upstreamWith(answering(answer, 50)));
    const response = await proxy.request(GET);
    expect(leaks(response.raw)).toEqual([]);
    expect(response.body.toString()).toBe(event.replace(KEY.value, '*'.repeat(KEY.value.length)));
  });

  it.each<[string, (text: string) => Buffer]>([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['gzip, gzip', (text) => gzipSync(gzipSync(text))],
    ['identity', (text) => Buffer.from(text)],
  ])('is masked in a body coded with %s all the same', async (coding, encode) => {
    const answer = withLength(encode(`before ${KEY.value} after`), `Content-Encoding: ${coding}\r\nETag: "a"\r\n`);
    const { proxy } = await proxyTo(await upstreamWith(answering(answer, 5)));
    const response = await proxy.request(GET);
    expect(response.body.toString()).toBe(`before ${'*'.repeat(KEY.value.length)} after`);
    if (coding !== 'identity') expect(response.header('content-encoding')).toBeUndefined();
  });

  it.each<[string, Buffer]>([
    ['an unknown coding', withLength('x', 'Content-Encoding: aws-chunked\r\n')],
    ['a wrong label', withLength(KEY.value, 'Content-Encoding: gzip\r\n')],
    ['three layers', withLength('x', 'Content-Encoding: gzip, gzip, gzip\r\n')],
    ['the name of an object’s method', withLength('x', 'Content-Encoding: constructor\r\n')],
  ])('is not passed in %s', async (_, answer) => {
    const response = await ask(GET, answer);
    expect([response.status, response.json()]).toMatchObject([502, { code: 'RESPONSE_NOT_SCRUBBABLE' }]);
    expect(leaks(response.raw)).toEqual([]);
  });
});
