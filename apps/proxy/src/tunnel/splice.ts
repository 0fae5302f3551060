import { connect, type Socket } from 'node:net';
import { AileronError } from '@aileron/errors';
import type { SessionIdentity } from '../exchange.js';
import { joinSockets } from './join-sockets.js';
import type { Tunnel } from './tunnel.js';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Passes a tunnel's bytes through untouched, to a vetted address. Rejects only as long as nothing was passed.
 * @throws AileronError DESTINATION_REFUSED, UPSTREAM_UNREACHABLE, CANCELLED
 */
export async function splice<S extends SessionIdentity>(tunnel: Tunnel<S>): Promise<void> {
  const { socket, source, context, target } = tunnel;
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  socket.once('close', onClose);
  const vetted = await context.dialler.vet({ ...target, signal: gone.signal });
  const upstream = await dialPlain(vetted, gone.signal);
  socket.off('close', onClose);
  const startedAt = context.clock.now();
  const first = source.detach();
  const idleMs = context.limits.spliceIdleMs;
  const { bytesUp, bytesDown, end } = await joinSockets({ agent: socket, upstream, first, idleMs });
  const { host, port } = target;
  const endedAt = context.clock.now();
  const { address } = vetted;
  context.handlers.onEgress({
    session: tunnel.session,
    host,
    port,
    address,
    startedAt,
    endedAt,
    bytesUp,
    bytesDown,
    end,
  });
}

function dialPlain({ address, port }: { address: string; port: number }, signal: AbortSignal): Promise<Socket> {
  if (signal.aborted) return Promise.reject(new AileronError('CANCELLED'));
  const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
  return new Promise((resolve, reject) => {
    const stop = (error: AileronError | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      if (error === null) return resolve(socket);
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => stop(new AileronError('CANCELLED'));
    const onError = (cause: Error): void => stop(new AileronError('UPSTREAM_UNREACHABLE', {}, { cause }));
    const timer = setTimeout(() => onError(new Error('time-out')), CONNECT_TIMEOUT_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', onError);
    socket.once('connect', () => stop(null));
  });
}
