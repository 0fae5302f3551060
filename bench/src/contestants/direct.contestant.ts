import type { Dial } from '../generator/dial.js';
import { ColdHosts } from './cold-hosts.js';
import type { Contestant, ContestantInput } from './contestant.js';

/** Nothing in between: the client has the real credentials. */
export function startDirect({ upstream }: ContestantInput): Promise<Contestant> {
  const { port, caPem, credentials } = upstream;
  const dial: Dial = { port, caPem, credentials };
  const cold = new ColdHosts(dial);
  return Promise.resolve({
    name: 'direct',
    version: 'no proxy',
    dial,
    processes: () => [],
    coldTunnels: (count) => Promise.resolve(cold.take(count)),
    close: () => Promise.resolve(),
  });
}
