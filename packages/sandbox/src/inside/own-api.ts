import { Agent, request } from 'node:http';
import type { Answer } from './proxied-request.js';
import type { SessionFile } from './session-file.js';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 8_388_608;

/** GET on the session's own API: it reads this session and decides nothing. */
export function getOwn(session: SessionFile, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({
      host: '127.0.0.1',
      port: session.proxyPort,
      path,
      headers: { authorization: `Bearer ${session.token}`, accept: 'application/json' },
      // Not the global agent: it would go through the proxy to the proxy.
      agent: new Agent(),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    call.once('error', reject);
    call.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > MAX_ANSWER_BYTES) call.destroy(new Error('the answer is too large'));
      });
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.end();
  });
}
