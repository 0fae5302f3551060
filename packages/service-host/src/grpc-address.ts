import { AileronError } from '@aileron/errors';

/** The path of unix:/path; undefined for host:port. */
export const socketPathOf = (address: string): string | undefined =>
  address.startsWith('unix:') ? address.slice('unix:'.length) : undefined;

/** Without mutual TLS nobody on the way is known: then only a Unix socket, or loopback, is spoken to. */
export function assertProtected(address: string, hasCredentials: boolean): void {
  if (
    hasCredentials ||
    socketPathOf(address) !== undefined ||
    /^(127\.0\.0\.1|\[::1\]|localhost):\d{1,5}$/.test(address)
  )
    return;
  const fields = [{ field: 'address', message: 'needs mutual TLS, a Unix socket or loopback' }];
  throw new AileronError('CONFIG_INVALID', { fields });
}
