/** An HTTP/1.1 response with nothing made nicer. */
export interface RawResponse {
  readonly status: number;
  readonly statusLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Without chunk framing. */
  readonly body: Buffer;
  /** Head and body as they arrived. */
  readonly raw: Buffer;
  /** The first value of a header, whatever its spelling. */
  header(name: string): string | undefined;
  json(): unknown;
}

/** What decides whether a response has a body (RFC 9112 section 6.3). */
export type RequestMethod = 'HEAD' | 'CONNECT' | 'other';

/** The first response in `received` and how many bytes it takes. Null while it is not whole. */
export function readRawResponse(
  received: Buffer,
  ended: boolean,
  method: RequestMethod,
): { response: RawResponse; bytes: number } | null {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [statusLine = '', ...lines] = received.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw new Error(`not a status line: ${statusLine}`);
  const headers = lines.map(
    (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
  );
  const header = (name: string) => headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  const start = headEnd + 4;
  const tunnel = method === 'CONNECT' && status >= 200 && status < 300;
  const bodiless = tunnel || method === 'HEAD' || status < 200 || status === 204 || status === 304;
  const read = bodiless ? { body: Buffer.alloc(0), end: start } : readBody(received, start, ended, header);
  if (read === null) return null;
  const { body, end } = read;
  const raw = received.subarray(0, end);
  const json = (): unknown => JSON.parse(body.toString('utf8'));
  return { response: { status, statusLine, headers, body, raw, header, json }, bytes: end };
}

type Body = { readonly body: Buffer; readonly end: number };

function readBody(
  received: Buffer,
  start: number,
  ended: boolean,
  header: (name: string) => string | undefined,
): Body | null {
  if (header('transfer-encoding')?.toLowerCase() === 'chunked') return readChunks(received, start);
  const length = header('content-length');
  if (length !== undefined) {
    const end = start + Number(length);
    return received.length < end ? null : { body: received.subarray(start, end), end };
  }
  // Without a length it ends with the connection.
  return ended ? { body: received.subarray(start), end: received.length } : null;
}

function readChunks(received: Buffer, start: number): Body | null {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(received.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('not a chunk size');
    at = lineEnd + 2;
    if (size === 0) return readTrailers(received, at, chunks);
    if (received.length < at + size + 2) return null;
    chunks.push(received.subarray(at, at + size));
    at += size + 2;
  }
}

function readTrailers(received: Buffer, at: number, chunks: readonly Buffer[]): Body | null {
  const body = Buffer.concat(chunks);
  if (received.toString('latin1', at, at + 2) === '\r\n') return { body, end: at + 2 };
  const end = received.indexOf('\r\n\r\n', at);
  return end < 0 ? null : { body, end: end + 4 };
}
