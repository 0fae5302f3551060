import { SessionCa } from '@aileron/tls';
import type { MicroFigure } from './micro-figure.js';
import { timeEach } from './time-each.js';

/** A leaf for a host that this session has not seen. */
export async function measureLeaf(count: number): Promise<MicroFigure[]> {
  const ca = await SessionCa.create({ sessionId: 'ses_bench', now: new Date(), ttlSeconds: 43_200 });
  return [
    await timeEach({ name: 'mint a leaf', count }, (n) => ca.leafFor(`h${n}.bench.test`)),
    await timeEach({ name: 'the leaf of a host seen before', count }, () => ca.leafFor('h1.bench.test')),
  ];
}
