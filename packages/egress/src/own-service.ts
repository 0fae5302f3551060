import { AileronError } from '@aileron/errors';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
/** Nobody answers there: the service is not up, or went away. */
const NOT_RUNNING = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE']);

/** These clients carry local tokens: they talk to this machine and to nothing else. @throws AileronError DESTINATION_REFUSED */
export function ownTarget(url: string, socketPath?: string): URL {
  const target = new URL(url);
  const isOwn = socketPath === undefined ? LOOPBACK.has(target.hostname) : socketPath.startsWith('/');
  if (target.protocol !== 'http:' || !isOwn || target.username !== '' || target.password !== '') {
    throw new AileronError('DESTINATION_REFUSED', { host: target.hostname });
  }
  return target;
}

/** Why an own service could not be asked. */
export function unreachable(cause: unknown, target: URL): AileronError {
  const code = isNotRunning(cause) ? 'SERVICE_NOT_RUNNING' : 'UNAVAILABLE';
  return new AileronError(code, { url: target.origin }, { cause });
}

function isNotRunning(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && NOT_RUNNING.has(String(cause.code));
}
