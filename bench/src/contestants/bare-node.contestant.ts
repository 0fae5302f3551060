import { join } from 'node:path';
import type { BareNodeOrder, BareNodeReady } from '../bare-node/bare-node-order.js';
import type { Dial } from '../generator/dial.js';
import { ChildChannel } from '../machine/child-channel.js';
import { ColdHosts } from './cold-hosts.js';
import type { Contestant, ContestantInput } from './contestant.js';
import { PLACEHOLDERS } from './placeholders.js';

/** Node's `http` and undici's `dispatch`: the floor of what a proxy in this language costs. */
export async function startBareNode({ upstream, directory }: ContestantInput): Promise<Contestant> {
  const channel = new ChildChannel<BareNodeOrder, BareNodeReady>('bare-node/bare-node-process.js');
  const probeSocket = join(directory, 'loop.sock');
  const { port, caPem } = await channel.ask({
    upstreamPort: upstream.port,
    upstreamCaPem: upstream.caPem,
    credentials: upstream.credentials,
    probeSocket,
  });
  const dial: Dial = { proxy: { port }, port: upstream.port, caPem, credentials: PLACEHOLDERS };
  const cold = new ColdHosts(dial);
  return {
    name: 'bare-node',
    version: `node ${process.versions.node}, http + undici`,
    dial,
    processes: () => [channel.pid],
    coldTunnels: (count) => Promise.resolve(cold.take(count)),
    probeSocket,
    close: () => channel.close(),
  };
}
