import { createSecureContext } from 'node:tls';
import { spreadOf } from '../measure/percentile.js';
import { Http1Connection } from './http1-connection.js';
import type { ColdTunnel, JobResult } from './job.js';
import { requestBytes } from './request-bytes.js';

/** From nothing to the first answer, one after another: connect, CONNECT, a leaf, two handshakes, one call. */
export async function openCold(tunnels: readonly ColdTunnel[]): Promise<JobResult> {
  const latencies: number[] = [];
  // A client has read whom it trusts before it connects: reading it again for each connection is not the contestant's.
  const contexts = tunnels.map(({ dial }) => createSecureContext({ ca: dial.caPem }));
  const startedAt = performance.now();
  for (const [index, { dial, host }] of tunnels.entries()) {
    const before = performance.now();
    const connection = await Http1Connection.open(dial, host, contexts[index]);
    await connection.send({ bytes: requestBytes('rest', dial, host) });
    latencies.push(performance.now() - before);
    connection.close();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return { count: tunnels.length, seconds, latencyMs: spreadOf(latencies) };
}
