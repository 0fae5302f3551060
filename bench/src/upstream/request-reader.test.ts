import { describe, expect, it } from '@jest/globals';
import { RequestReader } from './request-reader.js';

function readIn(pieces: readonly string[]): string[] {
  const seen: string[] = [];
  const reader = new RequestReader(({ method, path, headers }, begin) =>
    seen.push(`${method} ${path} ${headers.get('x-api-key') ?? '-'} ${begin.slice(0, 5)}`),
  );
  for (const piece of pieces) reader.push(Buffer.from(piece));
  return seen;
}

const ALL =
  'GET /a HTTP/1.1\r\nX-Api-Key: one\r\n\r\n' +
  'POST /b HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello' +
  'POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n' +
  'GET /d HTTP/1.1\r\nx-api-key: two\r\n\r\n';

describe('a reader of requests', () => {
  it.each([1, 2, 5, 1_000])('reads one after another in pieces of %d bytes', (size) => {
    const pieces = Array.from({ length: Math.ceil(ALL.length / size) }, (_, n) => ALL.slice(n * size, (n + 1) * size));
    expect(readIn(pieces).map((line) => line.slice(0, 10))).toEqual([
      'GET /a one',
      'POST /b - ',
      'POST /c - ',
      'GET /d two',
    ]);
  });

  it('shows the beginning of a body', () => {
    expect(readIn([ALL])[1]).toBe('POST /b - hello');
  });
});
