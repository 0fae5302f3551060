import { GRAPHQL_HOST, LARGE_BYTES, REST_HOST } from '../bench-hosts.js';
import type { Dial } from './dial.js';

/** What a request asks for; its host is that of its API. */
export type RequestKind = 'graphql' | 'rest' | 'stream' | 'up' | 'down';

export const hostOf = (kind: RequestKind): string => (kind === 'graphql' ? GRAPHQL_HOST : REST_HOST);

interface RequestParts {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

/** The exact bytes of a request, as a client of that API writes them. */
export function requestBytes(kind: RequestKind, dial: Pick<Dial, 'credentials' | 'port'>, host = hostOf(kind)): Buffer {
  const { method, path, body } = partsOf(kind);
  const credential =
    kind === 'graphql' ? `Authorization: ${dial.credentials.graphql}` : `X-Api-Key: ${dial.credentials.rest}`;
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${dial.port === 443 ? host : `${host}:${dial.port}`}`,
    'User-Agent: aileron-bench/1',
    'Accept: */*',
    credential,
    ...(kind === 'graphql' ? [] : ['Anthropic-Version: 2023-06-01']),
    ...(body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

const message = (content: string, stream: boolean): string =>
  JSON.stringify({ model: 'claude-bench', max_tokens: 1_024, stream, messages: [{ role: 'user', content }] });

function partsOf(kind: RequestKind): RequestParts {
  switch (kind) {
    case 'graphql':
      return {
        method: 'POST',
        path: '/graphql',
        body: JSON.stringify({ query: 'query { viewer { id name email } }' }),
      };
    case 'rest':
      return { method: 'GET', path: '/v1/models' };
    case 'stream':
      return { method: 'POST', path: '/v1/messages', body: message('Write it down, word by word.', true) };
    case 'up':
      return { method: 'POST', path: '/v1/messages', body: message('a'.repeat(LARGE_BYTES - 110), false) };
    case 'down':
      return { method: 'GET', path: '/v1/models/large' };
  }
}
