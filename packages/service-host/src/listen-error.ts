import { AileronError } from '@aileron/errors';
import { portHolder } from './port-holder.js';

/** Why a TCP port could not be listened on: PORT_IN_USE with its holder, CONFIG_INVALID; anything else as it is. */
export function listenError(cause: unknown, port: number): unknown {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE')
    return new AileronError('PORT_IN_USE', { port, holder: portHolder(port) ?? 'unknown' }, { cause });
  if (code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return cause;
  const fields = [{ field: 'port', message: `cannot be listened on (${code})` }];
  return new AileronError('CONFIG_INVALID', { fields }, { cause });
}
