import { spreadOf } from '../measure/percentile.js';
import type { Http1Connection } from './http1-connection.js';
import type { JobResult } from './job.js';
import type { OpenConnections } from './open-connections.js';

/** `"text":"<ns>"` */
const LONGEST_TIME = 40;
const SENT_AT = /"text":"(\d+)"/g;

/** A stream of a model on each connection. The age of each event when it is read, from the time its writer put into it. */
export async function readStreams({ all, bytes }: OpenConnections): Promise<JobResult> {
  const ages: number[] = [];
  const read = (connection: Http1Connection): Promise<void> => {
    let tail = '';
    const onBody = (chunk: Buffer): void => {
      const now = process.hrtime.bigint();
      const text = tail + chunk.toString('latin1');
      let end = 0;
      for (const match of text.matchAll(SENT_AT)) {
        ages.push(Number(now - BigInt(match[1] ?? 0)) / 1e6);
        end = match.index + match[0].length;
      }
      // A time that a chunk cuts is read with the next one.
      tail = text.slice(end).slice(-LONGEST_TIME);
    };
    return connection.send({ bytes, onBody });
  };
  const startedAt = performance.now();
  await Promise.all(all.map(read));
  return { count: ages.length, seconds: (performance.now() - startedAt) / 1_000, latencyMs: spreadOf(ages) };
}
