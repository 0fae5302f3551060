import { isIP } from 'node:net';
import { checkServerIdentity, connect, type SecureContext, type TLSSocket } from 'node:tls';
import { AileronError } from '@aileron/errors';

export interface DialInput {
  /** Who must answer: the name in its certificate and in SNI. */
  readonly host: string;
  /** Where: an address, never a name. */
  readonly address: string;
  readonly port: number;
  readonly secureContext: SecureContext;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * A TLS connection to exactly this address, verified for this host: it resolves only after the certificate was. Errors
 * say `sent: false`.
 * @throws AileronError UPSTREAM_UNREACHABLE, UPSTREAM_UNTRUSTED, CANCELLED
 */
export function dialTls(input: DialInput): Promise<TLSSocket> {
  const { host, address, port, secureContext, timeoutMs, signal } = input;
  if (isIP(address) === 0) throw new TypeError('an address was expected, not a name');
  if (signal.aborted) throw new AileronError('CANCELLED', { sent: false });
  const socket = connect({
    host: address,
    port,
    secureContext,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  socket.setNoDelay(true);
  return new Promise((resolve, reject) => {
    const stop = (error: AileronError | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      socket.off('secureConnect', onSecure);
      if (error === null) return resolve(socket);
      socket.on('error', ignore);
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => stop(new AileronError('CANCELLED', { sent: false }));
    const onError = (error: Error): void => stop(refused(socket, error));
    const onSecure = (): void => stop(socket.authorized ? null : refused(socket, new Error('not authorized')));
    const timer = setTimeout(() => stop(unreachable(new Error('time-out'))), timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', onError);
    socket.on('secureConnect', onSecure);
  });
}

const ignore = (): void => undefined;

const unreachable = (cause: Error): AileronError =>
  new AileronError('UPSTREAM_UNREACHABLE', { sent: false }, { cause });

function refused(socket: TLSSocket, cause: Error): AileronError {
  if (!socket.authorizationError) return unreachable(cause);
  return new AileronError('UPSTREAM_UNTRUSTED', { sent: false }, { cause });
}
