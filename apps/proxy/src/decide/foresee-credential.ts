import { type ConnectorsInForce } from '../match/connectors-in-force.js';
import { type Credentials } from '../ports/credentials.port.js';
import { type LiveSession } from '../sessions/live-session.js';

const DEADLINE_MS = 5_000;

/**
 * Has credential-service look, while a tunnel's TLS begins, at what the first call in it will ask for: its copy of a vault
 * is good for a second, and to fetch and verify it takes about as long as the handshake. Which credential it finds does
 * not matter, nor whether it finds any: nothing is opened, and the call itself asks again.
 */
export function foreseeCredential(input: {
  readonly credentials: Pick<Credentials, 'resolve'>;
  readonly connectors: ConnectorsInForce;
  readonly session: LiveSession;
  readonly host: string;
}): void {
  const { credentials, connectors, session, host } = input;
  const connector = connectors.connectors.find(({ hosts }) => hosts.includes(host));
  const [operation] = connector?.operations ?? [];
  if (connector === undefined || operation === undefined) return;
  const { tenantId, sessionId } = session;
  const use = { tenantId, sessionId, connector: connector.name, operation: operation.name, host };
  // CONNECT is answered first.
  setImmediate(() => {
    credentials.resolve({ ...use, signal: AbortSignal.timeout(DEADLINE_MS) }).catch(() => undefined);
  });
}
