import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { once } from 'node:events';

/** How a client reaches the upstream: directly, or through a contestant. */
export interface Dial {
  /** Undefined: directly. */
  readonly proxy?: { readonly socketPath: string } | { readonly port: number };
  /** Sent with CONNECT, as its whole value. */
  readonly proxyAuthorization?: string;
  /** The upstream's port as the contestant is told it. */
  readonly port: number;
  /** Whom the client trusts. */
  readonly caPem: string;
  /** What stands in the credential's header: a placeholder, which the contestant replaces. */
  readonly credentials: { readonly graphql: string; readonly rest: string };
}

const DEADLINE_MS = 15_000;

/** TLS to `host`, through the contestant when there is one. `trust`: what `caPem` says, where it was read before. */
export async function openTunnel(dial: Dial, host: string, trust?: SecureContext): Promise<TLSSocket> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const socket = connectTcp(
    dial.proxy !== undefined && 'socketPath' in dial.proxy
      ? { path: dial.proxy.socketPath }
      : { host: '127.0.0.1', port: dial.proxy?.port ?? dial.port, noDelay: true },
  );
  await once(socket, 'connect', { signal });
  if (dial.proxy !== undefined) await askForTunnel(socket, `${host}:${dial.port}`, dial.proxyAuthorization);
  const tls = connectTls({
    socket,
    servername: host,
    ...(trust === undefined ? { ca: dial.caPem } : { secureContext: trust }),
  });
  await once(tls, 'secureConnect', { signal });
  tls.on('error', () => tls.destroy());
  return tls;
}

async function askForTunnel(socket: Socket, authority: string, authorization: string | undefined): Promise<void> {
  const credentials = authorization === undefined ? '' : `Proxy-Authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`);
  const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(DEADLINE_MS) })) as [Buffer];
  const head = chunk.toString('latin1');
  if (!/^HTTP\/1\.[01] 200/.test(head) || !head.endsWith('\r\n\r\n'))
    throw new Error(`CONNECT ${authority}: ${head.slice(0, 300)}`);
  socket.pause();
}
