import { AileronError } from '@aileron/errors';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Without login a service listens on loopback, whatever it was told. @throws AileronError CONFIG_INVALID */
export function assertLoopback(host: string): void {
  if (LOOPBACK.includes(host)) return;
  throw new AileronError('CONFIG_INVALID', { fields: [{ field: 'host', message: 'with login off, only 127.0.0.1, ::1 or localhost' }] });
}
