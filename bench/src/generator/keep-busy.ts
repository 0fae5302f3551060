import { spreadOf } from '../measure/percentile.js';
import type { Http1Connection } from './http1-connection.js';
import type { JobResult } from './job.js';
import type { OpenConnections } from './open-connections.js';

/** Every connection sends its next request as soon as the last one is answered: what the contestant can do at most. */
export async function keepBusy({ all, bytes }: OpenConnections, seconds: number): Promise<JobResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const end = startedAt + seconds * 1_000;
  const work = async (connection: Http1Connection): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      await connection.send({ bytes });
      const done = performance.now();
      latencies.push(done - now);
      now = done;
    }
  };
  await Promise.all(all.map(work));
  const took = (performance.now() - startedAt) / 1_000;
  return { count: latencies.length, seconds: took, latencyMs: spreadOf(latencies) };
}

/** So many requests on each connection, one after another: large bodies. */
export async function transfer({ all, bytes }: OpenConnections, count: number): Promise<JobResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const work = async (connection: Http1Connection): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const before = performance.now();
      await connection.send({ bytes });
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(all.map(work));
  const took = (performance.now() - startedAt) / 1_000;
  return { count: latencies.length, seconds: took, latencyMs: spreadOf(latencies) };
}
