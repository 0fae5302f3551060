import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Probes } from './process-probe.js';

/** Does the work while the probe behind this socket watches. */
export async function watchProcess<P extends keyof Probes>(
  socketPath: string,
  what: P,
  work: () => Promise<unknown>,
): Promise<Probes[P]> {
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  socket.write(what);
  await once(socket, 'data', { signal: AbortSignal.timeout(10_000) });
  await work();
  socket.end();
  return JSON.parse(await text(socket)) as Probes[P];
}
