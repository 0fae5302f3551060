import { spreadOf } from '../measure/percentile.js';
import type { JobResult } from './job.js';
import type { Http1Connection } from './http1-connection.js';
import type { OpenConnections } from './open-connections.js';

/**
 * A fixed number of requests a second, whatever the answers do. A request for which no connection is free waits, and its
 * wait counts: a contestant that stalls cannot hide it (coordinated omission).
 */
export async function keepPace(
  { all, bytes }: OpenConnections,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<JobResult> {
  const pacer = new Pacer(all, bytes);
  const startedAt = performance.now();
  await pacer.run({ total: Math.round(seconds * perSecond), intervalMs: 1_000 / perSecond });
  const took = (performance.now() - startedAt) / 1_000;
  return { count: pacer.latencies.length, seconds: took, latencyMs: spreadOf(pacer.latencies) };
}

class Pacer {
  readonly latencies: number[] = [];
  readonly #free: Http1Connection[];
  readonly #queue: number[] = [];
  readonly #done = Promise.withResolvers<void>();
  #total = 0;

  constructor(
    connections: readonly Http1Connection[],
    private readonly bytes: Buffer,
  ) {
    this.#free = [...connections];
  }

  async run({ total, intervalMs }: { readonly total: number; readonly intervalMs: number }): Promise<void> {
    this.#total = total;
    const startedAt = performance.now();
    let due = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      // A request that the generator's own timer was late for is sent now and counts from now.
      while (due < total && startedAt + due * intervalMs <= now) {
        due += 1;
        this.#queue.push(now);
        this.#next();
      }
      if (due === total) clearInterval(timer);
    }, 1);
    try {
      await this.#done.promise;
    } finally {
      clearInterval(timer);
    }
  }

  #next(): void {
    const since = this.#queue[0];
    const connection = this.#free.pop();
    if (since === undefined || connection === undefined) {
      if (connection !== undefined) this.#free.push(connection);
      return;
    }
    this.#queue.shift();
    connection.send({ bytes: this.bytes }).then(
      () => {
        this.latencies.push(performance.now() - since);
        this.#free.push(connection);
        if (this.latencies.length === this.#total) this.#done.resolve();
        this.#next();
      },
      (error: unknown) => this.#done.reject(error),
    );
  }
}
