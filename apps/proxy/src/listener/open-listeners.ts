import type { SessionIdentity } from '../exchange.js';
import type { SessionListener } from '../sessions/session-slot.js';
import type { PortListener } from './port-listener.js';
import { openSessionListener, type SessionListenerOptions } from './session-listener.js';

/** All that agents reach a session by: a socket of its own, and its connections to the port when there is one. */
export async function openListeners<S extends SessionIdentity>(
  options: SessionListenerOptions<S>,
  port: PortListener | null,
): Promise<SessionListener> {
  const own = await openSessionListener(options);
  const cut = (): void => {
    own.cut();
    port?.cut(options.sessionId);
  };
  return {
    cut,
    close: async () => {
      cut();
      await own.close();
    },
  };
}
