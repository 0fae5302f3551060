import { AileronError } from '@aileron/errors';
import { type CallContext } from '@aileron/service-host';

/** The services that may call. The transport proves the name: in process the definition's own, else the certificate's. */
export type Peer = 'mgmt-plane' | 'proxy';

/** PERMISSION_DENIED for every other caller. Every method of this service begins with it. */
export function onlyFrom(peer: Peer, context: CallContext): void {
  if (context.peer !== peer) throw new AileronError('PERMISSION_DENIED', { peer: context.peer });
}
