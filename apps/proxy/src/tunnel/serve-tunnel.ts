import type { TLSSocket } from 'node:tls';
import { AileronError } from '@aileron/errors';
import type { SessionIdentity, TunnelContext } from '../exchange.js';
import type { WireContext } from '../listener/wire-context.js';
import { ByteSource, SourceTimeout } from '../parse/byte-source.js';
import { requestInTunnel, type TunnelTarget } from '../parse/request-head.js';
import { parseRequestMessage } from '../parse/request-message.js';
import { answerAndClose } from './answer-and-close.js';
import { readMessageHead } from './read-message-head.js';
import { serveExchange } from './serve-exchange.js';

export interface MediatedTunnel<S extends SessionIdentity> {
  readonly tlsSocket: TLSSocket;
  readonly context: WireContext<S>;
  readonly session: S;
  readonly target: TunnelTarget;
  readonly sni: string | null;
}

/** The requests of one tunnel, one after the other: a pipelined one waits until the one before it is answered. Never rejects. */
export async function serveTunnel<S extends SessionIdentity>(input: MediatedTunnel<S>): Promise<void> {
  const { tlsSocket, session, target, sni } = input;
  const source = new ByteSource(tlsSocket);
  const closed = new AbortController();
  tlsSocket.once('close', () => closed.abort());
  const { host: connectHost, port: connectPort } = target;
  const tunnel: TunnelContext<S> = { session, connectHost, connectPort, sni, signal: closed.signal };
  try {
    while (await serveRequest(input, tunnel, source));
  } catch (error) {
    if (error instanceof SourceTimeout || tlsSocket.destroyed) tlsSocket.destroy();
    else refuse(input, source, AileronError.from(error));
  }
}

async function serveRequest<S extends SessionIdentity>(
  { tlsSocket, context, target }: MediatedTunnel<S>,
  tunnel: TunnelContext<S>,
  source: ByteSource,
): Promise<boolean> {
  const bytes = await readMessageHead(source, context.limits);
  if (bytes === null) {
    tlsSocket.destroy();
    return false;
  }
  const message = parseRequestMessage(bytes);
  return await serveExchange({
    socket: tlsSocket,
    source,
    message,
    head: requestInTunnel(message, target),
    limits: context.limits,
    handle: (...exchange) => context.handlers.handleExchange(tunnel, ...exchange),
  });
}

/** A broken or misdirected request ends the tunnel: what follows it could be read as something else. */
function refuse<S extends SessionIdentity>(input: MediatedTunnel<S>, source: ByteSource, error: AileronError): void {
  const { tlsSocket: socket, context, session, target } = input;
  const { socketSessionId, handlers, limits } = context;
  handlers.onRefusal({ session, socketSessionId, stage: 'parse', host: target.host, port: target.port, error });
  answerAndClose({ socket, source, error, lingerMs: limits.lingerMs });
}
