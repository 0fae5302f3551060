import { randomBytes } from 'node:crypto';
import { TestAuthority } from '@aileron/testing';
import { COLD_DOMAIN, GRAPHQL_HOST, REST_HOST } from '../bench-hosts.js';
import { ChildChannel } from '../machine/child-channel.js';
import type { UpstreamOrder, UpstreamReady } from './upstream-order.js';

export interface Upstream {
  readonly port: number;
  readonly caPem: string;
  readonly credentials: UpstreamOrder['credentials'];
  close(): Promise<void>;
}

/** A quick model. */
const EVENT_INTERVAL_MS = 2;

export async function startUpstream(eventsPerStream: number): Promise<Upstream> {
  const authority = await TestAuthority.create('Bench upstream authority');
  const certificate = await authority.issue([GRAPHQL_HOST, REST_HOST, `*.${COLD_DOMAIN}`, '127.0.0.1']);
  const credentials = {
    graphql: `lin_api_${randomBytes(30).toString('hex')}`,
    rest: `sk-ant-api03-${randomBytes(40).toString('base64url')}`,
  };
  const channel = new ChildChannel<UpstreamOrder, UpstreamReady>('upstream/upstream-process.js');
  const { port } = await channel.ask(
    { ...certificate, credentials, eventsPerStream, eventIntervalMs: EVENT_INTERVAL_MS },
    10_000,
  );
  return { port, caPem: authority.certificatePem, credentials, close: () => channel.close() };
}
