import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { AileronError } from '@aileron/errors';
import { httpRequest } from './node-http.js';
import { ownTarget, unreachable } from './own-service.js';

const DEADLINE_MS = 10_000;

export interface LocalUpgradeInput {
  readonly headers: IncomingHttpHeaders;
  /** Until the service has answered. */
  readonly signal: AbortSignal;
}

/** `switched`: the connection is the two sides' own from here on. Else the answer, which is a refusal. */
export type LocalUpgrade =
  | {
      readonly type: 'switched';
      readonly headers: IncomingHttpHeaders;
      readonly socket: Duplex;
      /** What came right behind the answer. */
      readonly head: Uint8Array;
    }
  | { readonly type: 'refused'; readonly response: IncomingMessage };

/**
 * Asks an own service to switch protocols (RFC 9110, 7.8), as WebSockets begin.
 * @throws AileronError DESTINATION_REFUSED, SERVICE_NOT_RUNNING, UNAVAILABLE
 */
export async function localUpgrade(url: string, { headers, signal }: LocalUpgradeInput): Promise<LocalUpgrade> {
  const target = ownTarget(url);
  const answered = AbortSignal.timeout(DEADLINE_MS);
  return new Promise((resolve, reject) => {
    const request = httpRequest(target, { method: 'GET', agent: false, headers });
    const stop = (): void => void request.destroy(new AileronError('UNAVAILABLE', { url: target.origin }));
    const ends = AbortSignal.any([signal, answered]);
    ends.addEventListener('abort', stop, { once: true });
    const settled = (): void => ends.removeEventListener('abort', stop);
    request.once('upgrade', ({ headers: own }, socket, head) => {
      settled();
      resolve({ type: 'switched', headers: own, socket, head });
    });
    request.once('response', (response) => {
      settled();
      resolve({ type: 'refused', response });
    });
    request.on('error', (cause) => {
      settled();
      reject(AileronError.is(cause) ? cause : unreachable(cause, target));
    });
    request.end();
  });
}
