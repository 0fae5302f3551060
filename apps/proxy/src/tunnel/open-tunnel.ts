import { AileronError } from '@aileron/errors';
import type { LeafContext } from '@aileron/tls';
import type { SessionIdentity } from '../exchange.js';
import { SourceTimeout } from '../parse/byte-source.js';
import { readClientHello } from './read-client-hello.js';
import { refuseTunnel } from './refuse-tunnel.js';
import { serveTunnel } from './serve-tunnel.js';
import { splice } from './splice.js';
import { agreedSni, type Hello } from './target-agreement.js';
import { terminateTls } from './terminate-tls.js';
import type { Tunnel } from './tunnel.js';

/** ClientHello → agreement of CONNECT and SNI → our TLS or theirs. Nothing is resolved before they agree. Never rejects. */
export async function openTunnel<S extends SessionIdentity>(tunnel: Tunnel<S>): Promise<void> {
  const { socket, source, context, decision } = tunnel;
  let hello: Hello | null = null;
  // Minted while the ClientHello is on its way: it is for the host that CONNECT named, whatever the hello will say.
  const leaf = decision === 'mediate' ? leafOf(tunnel) : null;
  leaf?.catch(ignore);
  try {
    hello = await readClientHello(source, context.limits.handshakeMs);
    if (hello === null) return void socket.destroy();
    const sni = agreedSni(hello, tunnel.target, decision);
    if (leaf !== null) await mediate(tunnel, sni, await leaf);
    else await passThrough(tunnel, hello);
  } catch (error) {
    if (error instanceof SourceTimeout || socket.destroyed) socket.destroy();
    else await refuseTunnel({ tunnel, hello, error: AileronError.from(error) });
  }
}

async function leafOf<S extends SessionIdentity>({ context, session, target }: Tunnel<S>): Promise<LeafContext> {
  const ca = await context.handlers.sessionCa(session);
  return await ca.leafFor(target.host);
}

async function mediate<S extends SessionIdentity>(
  tunnel: Tunnel<S>,
  sni: string | null,
  leaf: LeafContext,
): Promise<void> {
  const { context, session, target } = tunnel;
  const tlsSocket = await terminateTls({ ...tunnel, leaf, timeoutMs: context.limits.handshakeMs });
  if (tlsSocket !== null) await serveTunnel({ tlsSocket, context, session, target, sni });
}

/** A destination that is refused or does not answer is said inside TLS: policy let this host pass, so it has a leaf. */
async function passThrough<S extends SessionIdentity>(tunnel: Tunnel<S>, hello: Hello): Promise<void> {
  try {
    await splice(tunnel);
  } catch (error) {
    if (tunnel.socket.destroyed) return;
    await refuseTunnel({ tunnel, hello, error: AileronError.from(error), stage: 'dial' });
  }
}

const ignore = (): void => undefined;
