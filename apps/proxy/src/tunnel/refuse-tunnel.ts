import type { AileronError } from '@aileron/errors';
import type { RefusalRecord, SessionIdentity } from '../exchange.js';
import { ByteSource } from '../parse/byte-source.js';
import { canonicalHost } from '../parse/canonical-host.js';
import { answerAndClose, lingerAndClose } from './answer-and-close.js';
import type { Tunnel } from './tunnel.js';
import { readMessageHead } from './read-message-head.js';
import type { Hello } from './target-agreement.js';
import { terminateTls } from './terminate-tls.js';
import { tlsAlert } from './tls-alert.js';

export interface RefusedTunnel<S extends SessionIdentity> {
  readonly tunnel: Tunnel<S>;
  /** null: it was no TLS. */
  readonly hello: Hello | null;
  readonly error: AileronError;
  readonly stage?: RefusalRecord<S>['stage'];
}

/**
 * CONNECT was answered 200 already, so the refusal goes where the agent reads it: inside TLS, with a leaf for a host that
 * policy lets this session reach (SNI's, else CONNECT's). For other names nothing is minted: they get a TLS alert. Who
 * spoke no TLS gets the answer in the clear, when it was HTTP. Nothing was dialled, and the tunnel ends. Never rejects.
 */
export async function refuseTunnel<S extends SessionIdentity>(refused: RefusedTunnel<S>): Promise<void> {
  const { tunnel, hello, error } = refused;
  const { socket, source, context, session, target } = tunnel;
  const { socketSessionId, handlers, limits } = context;
  const { host, port } = target;
  handlers.onRefusal({ session, socketSessionId, stage: refused.stage ?? 'tunnel', host, port, error });
  if (hello === null) return refusePlain(refused);
  const name = await leafName(refused, hello).catch(() => null);
  if (socket.destroyed) return;
  if (name === null) {
    socket.write(tlsAlert(error.code === 'TARGET_MISMATCH' ? 'unrecognizedName' : 'accessDenied'));
    return lingerAndClose(socket, source, limits.lingerMs);
  }
  await answerInsideTls(refused, name).catch(() => socket.destroy());
}

function refusePlain<S extends SessionIdentity>({ tunnel, error }: RefusedTunnel<S>): void {
  const { socket, source, context } = tunnel;
  const first = source.peek()[0] ?? 0;
  if (first >= 0x41 && first <= 0x5a)
    return answerAndClose({ socket, source, error, lingerMs: context.limits.lingerMs });
  socket.destroy();
}

async function answerInsideTls<S extends SessionIdentity>(refused: RefusedTunnel<S>, name: string): Promise<void> {
  const { context, session } = refused.tunnel;
  const leaf = await (await context.handlers.sessionCa(session)).leafFor(name);
  const socket = await terminateTls({ ...refused.tunnel, leaf, timeoutMs: context.limits.handshakeMs });
  if (socket === null) return;
  const source = new ByteSource(socket);
  await readMessageHead(source, context.limits).catch(() => null);
  answerAndClose({ socket, source, error: refused.error, lingerMs: context.limits.lingerMs });
}

async function leafName<S extends SessionIdentity>({ tunnel }: RefusedTunnel<S>, hello: Hello): Promise<string | null> {
  const { target, decision } = tunnel;
  const sni = hello.sni === null ? null : canonicalHost(hello.sni);
  if (sni === target.host) return target.host;
  if (sni !== null && (await isOwned(tunnel, sni))) return sni;
  return decision === 'mediate' ? target.host : null;
}

async function isOwned<S extends SessionIdentity>(
  { context, session, target }: Tunnel<S>,
  host: string,
): Promise<boolean> {
  try {
    return (await context.handlers.tunnelDecision(session, host, target.port)) === 'mediate';
  } catch {
    return false;
  }
}
