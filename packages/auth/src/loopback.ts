import { AileronError } from '@aileron/errors';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Without login a service listens on loopback, whatever it was told. @throws AileronError CONFIG_INVALID */
export function assertLoopback(host: string): void {
  if (!LOOPBACK.includes(host)) throw notLoopback();
}

/** Of an address that something listens on: a hosts file can say that localhost is elsewhere. */
export const isLoopbackAddress = (address: string): boolean => address === '::1' || address.startsWith('127.');

const notLoopback = () =>
  new AileronError('CONFIG_INVALID', {
    fields: [{ field: 'host', message: 'with login off, only 127.0.0.1, ::1 or localhost' }],
  });
