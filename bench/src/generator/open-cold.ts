import { spreadOf } from '../measure/percentile.js';
import { Http1Connection } from './http1-connection.js';
import type { ColdTunnel, JobResult } from './job.js';
import { requestBytes } from './request-bytes.js';

/** From nothing to the first answer, one after another: connect, CONNECT, a leaf, two handshakes, one call. */
export async function openCold(tunnels: readonly ColdTunnel[]): Promise<JobResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  for (const { dial, host } of tunnels) {
    const before = performance.now();
    const connection = await Http1Connection.open(dial, host);
    await connection.send({ bytes: requestBytes('rest', dial, host) });
    latencies.push(performance.now() - before);
    connection.close();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return { count: tunnels.length, seconds, latencyMs: spreadOf(latencies) };
}
