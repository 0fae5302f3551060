import { AileronError } from '@aileron/errors';

/** Socket errors of Node. ENOENT and EACCES: the Unix socket of a server that is gone or not ours. */
const SOCKET_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EACCES', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);
/** Prisma: cannot reach, timed out, closed, pool timed out, transaction could not start. https://pris.ly/d/error-reference */
const PRISMA_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);
/** SQLSTATE: connection exceptions, too many connections, shutting down, crashed, starting up. */
const SQLSTATE = /^(08...|53300|57P0[1-5])$/;
const ADAPTER_KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);
/** Messages of `pg` that carry no code. */
const PG_MESSAGES =
  /^(Connection terminated|timeout expired$|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/;

/** True when the server could not be reached or went away: the same call can succeed once it is back. */
export function isDatabaseUnavailable(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false;
  const { code, kind, originalCode, message, cause, meta, errors } = error as Record<string, unknown>;
  if (typeof code === 'string' && (SOCKET_CODES.has(code) || PRISMA_CODES.has(code) || SQLSTATE.test(code)))
    return true;
  if (typeof kind === 'string' && ADAPTER_KINDS.has(kind)) return true;
  if (typeof originalCode === 'string' && SQLSTATE.test(originalCode)) return true;
  if (typeof message === 'string' && PG_MESSAGES.test(message)) return true;
  const inner: unknown[] = [cause, (meta as Record<string, unknown> | undefined)?.['driverAdapterError']];
  if (Array.isArray(errors)) inner.push(...errors);
  return inner.some((each) => isDatabaseUnavailable(each, depth + 1));
}

/** A database error as the caller gets it: unavailable (503), or what it was. */
export function toDatabaseError(error: unknown): unknown {
  return isDatabaseUnavailable(error) ? new AileronError('DATABASE_UNAVAILABLE', {}, { cause: error }) : error;
}

/** What `work` does; what the database refuses it with is thrown as toDatabaseError says. */
export async function withDatabaseErrors<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDatabaseError(error);
  }
}

/** Unique constraint violated: Prisma's P2002. */
export function isUniqueViolation(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as Record<string, unknown>)['code'] === 'P2002';
}
