import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { LeafContext } from '@aileron/tls';
import type { ByteSource } from '../parse/byte-source.js';

const ALPN_PROTOCOLS = ['http/1.1'];

/** Ends the agent's TLS here, with a leaf of the session's CA. null when the handshake fails or takes too long. */
export function terminateTls(input: {
  readonly socket: Socket;
  /** Where the ClientHello was read; it is not used afterwards. */
  readonly source: ByteSource;
  readonly leaf: Pick<LeafContext, 'secureContext'>;
  readonly timeoutMs: number;
}): Promise<TLSSocket | null> {
  const { socket, source, leaf, timeoutMs } = input;
  const read = source.detach();
  if (socket.destroyed) return Promise.resolve(null);
  if (read.length > 0) socket.unshift(read);
  const { secureContext } = leaf;
  const tlsSocket = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ALPN_PROTOCOLS });
  tlsSocket.on('error', () => tlsSocket.destroy());
  if (socket instanceof TLSSocket) closeWithOuter(tlsSocket, socket);
  return new Promise((resolve) => {
    const settle = (result: TLSSocket | null): void => {
      clearTimeout(timer);
      if (result === null) {
        tlsSocket.destroy();
        socket.destroy();
      }
      resolve(result);
    };
    const timer = setTimeout(() => settle(null), timeoutMs);
    tlsSocket.once('secure', () => settle(tlsSocket));
    tlsSocket.once('_tlsError', () => settle(null));
    tlsSocket.once('close', () => settle(null));
  });
}

/** TLS inside TLS: when the outer one breaks off, Node 24 destroys the inner one and never says so. */
function closeWithOuter(inner: TLSSocket, outer: TLSSocket): void {
  let said = false;
  inner.once('close', () => (said = true));
  outer.once('close', () =>
    setImmediate(() => {
      inner.destroy();
      if (!said) inner.emit('close', false);
    }),
  );
}
