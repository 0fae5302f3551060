import { randomBytes } from 'node:crypto';
import { startFakeAnthropic, startFakeLinear, type SeenRequest } from '@aileron/testing';
import { nowMs } from './drill-clock.ts';
import type { Arrival } from './journal.ts';
import { isRecord, markerIn } from './operation.ts';

/** Other people's services, played in the drill's own process, which counts for itself what reaches them. */
export interface Upstreams {
  readonly credentials: { readonly linear: string; readonly anthropic: string };
  readonly arrivals: readonly Arrival[];
  readonly upstreamMap: readonly { host: string; address: string; port: number; caPem: string }[];
  close(): Promise<void>;
}

/** A stream takes about a second: some are open at any time. */
const EVENT_INTERVAL_MS = 50;
const ANSWER = 'A list of things that somebody wrote down, read back word for word. '.repeat(3);

export async function startUpstreams(): Promise<Upstreams> {
  const credentials = {
    linear: `lin_api_${randomBytes(30).toString('hex')}`,
    anthropic: `sk-ant-api03-${randomBytes(40).toString('base64url')}`,
  };
  const arrivals: Arrival[] = [];
  const note = (host: string, header: string, credential: string) => (request: SeenRequest) => {
    const values: unknown = JSON.parse(request.body.toString() || '{}');
    const marker = (isRecord(values) ? markerIn(values) : undefined) ?? `${request.method} ${request.path}`;
    arrivals.push({ marker, at: nowMs(), host, credentialed: request.header(header).includes(credential) });
  };
  const linear = await startFakeLinear({
    apiKey: credentials.linear,
    onRequest: note('api.linear.app', 'authorization', credentials.linear),
  });
  const anthropic = await startFakeAnthropic({
    apiKey: credentials.anthropic,
    script: () => ({ type: 'text', text: ANSWER }),
    eventIntervalMs: EVENT_INTERVAL_MS,
    onRequest: note('api.anthropic.com', 'x-api-key', credentials.anthropic),
  });
  return {
    credentials,
    arrivals,
    upstreamMap: [linear, anthropic].map(({ host, port, caPem }) => ({ host, address: '127.0.0.1', port, caPem })),
    close: async () => void (await Promise.all([linear.close(), anthropic.close()])),
  };
}
