import { describe, expect, it } from '@jest/globals';
import { ResponseReader } from './response-reader.js';

function readIn(pieces: readonly string[]): { readonly bodies: string[]; readonly statuses: number[] } {
  const bodies: string[] = [];
  const statuses: number[] = [];
  let body = '';
  const reader = new ResponseReader({
    onBody: (chunk) => (body += chunk.toString()),
    onEnd: (status) => {
      bodies.push(body);
      statuses.push(status);
      body = '';
    },
  });
  for (const piece of pieces) reader.push(Buffer.from(piece));
  return { bodies, statuses };
}

const WITH_LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED = 'HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n';
const EMPTY = 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n';
const ALL = WITH_LENGTH + CHUNKED + EMPTY + WITH_LENGTH;

describe('a reader of responses', () => {
  it('reads one after another, with a length, in chunks, empty', () => {
    expect(readIn([ALL])).toEqual({ bodies: ['hello', 'abcde', '', 'hello'], statuses: [200, 401, 204, 200] });
  });

  it.each([1, 2, 3, 7])('reads the same in pieces of %d bytes', (size) => {
    const pieces = Array.from({ length: Math.ceil(ALL.length / size) }, (_, n) => ALL.slice(n * size, (n + 1) * size));
    expect(readIn(pieces)).toEqual(readIn([ALL]));
  });

  it('refuses an answer whose end it could not know', () => {
    expect(() => readIn(['HTTP/1.1 200 OK\r\n\r\nhello'])).toThrow('without length');
  });
});
