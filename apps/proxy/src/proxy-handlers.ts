import { AileronError } from '@aileron/errors';
import type { Logger } from '@aileron/telemetry';
import { type AgentApi } from './agent-api/agent-api.js';
import { type RulesInForce } from './decide/recheck-call.js';
import { type ProxyHandlers } from './exchange.js';
import { type Firewall } from './firewall/firewall.js';
import { type Pipeline } from './pipeline.js';
import { type CallRecorder } from './record/call-recorder.js';
import { tracedExchange } from './record/traced-exchange.js';
import { readAgentToken } from './sessions/agent-token.js';
import { type LiveSession } from './sessions/live-session.js';
import { type ServingLease } from './sessions/serving-lease.js';

export interface ProxyHandlersParts {
  readonly findSession: (socketSessionId: string) => LiveSession | null;
  readonly findByToken: (token: string) => Promise<LiveSession | null>;
  readonly lease: ServingLease;
  readonly rules: () => RulesInForce;
  readonly pipeline: Pipeline;
  readonly agentApi: AgentApi;
  readonly records: CallRecorder;
  readonly firewall: Firewall;
  /** Hosts that no connector owns. */
  readonly egress: 'splice' | 'deny';
  readonly logger: Pick<Logger, 'debug'>;
}

const HTTPS_PORT = 443;

/**
 * The session of a token, and nothing else about it: one that has ended, one that never was and no token at all are
 * answered alike. Before the management plane was heard nobody can be known, and everybody is told so.
 */
async function onPort(
  { lease, findByToken }: ProxyHandlersParts,
  proxyAuthorization: string | undefined,
): Promise<LiveSession> {
  lease.assertAlive();
  const token = readAgentToken(proxyAuthorization);
  const session = token === null ? null : await findByToken(token);
  if (session === null) throw new AileronError('PROXY_AUTHENTICATION_REQUIRED');
  return session;
}

/** What the wire asks of the half that decides. */
export function proxyHandlers(parts: ProxyHandlersParts): ProxyHandlers<LiveSession> {
  const { lease, rules, pipeline, agentApi, records, firewall } = parts;
  return {
    authenticate: async ({ proxyAuthorization, socketSessionId }) => {
      if (socketSessionId === null) return await onPort(parts, proxyAuthorization);
      const session = parts.findSession(socketSessionId);
      if (session === null) throw new AileronError('SESSION_ENDED');
      const token = readAgentToken(proxyAuthorization);
      if (token === null || !session.hasToken(token)) throw new AileronError('PROXY_AUTHENTICATION_REQUIRED');
      lease.assertAlive();
      return session;
    },
    tunnelDecision: async (session, host, port) => {
      lease.assertAlive();
      firewall.assertAllows(session, host);
      if (rules().connectors.matcher.ownsHost(host)) {
        if (port !== HTTPS_PORT) throw new AileronError('DESTINATION_REFUSED', { reason: 'port', port });
        // A session that is locked after a restart is told so before its TLS begins.
        await session.authority.get();
        return 'mediate';
      }
      if (parts.egress === 'deny')
        throw new AileronError('POLICY_DENIED', { rule: 'egress', reason: 'no connector owns this host' });
      if (session.ended) throw new AileronError('SESSION_ENDED');
      // Anything but HTTPS leaves only where a policy names the pair, and none can yet.
      if (port !== HTTPS_PORT) throw new AileronError('DESTINATION_REFUSED', { reason: 'port', port });
      return 'splice';
    },
    onTunnel: (session, host, socket) => firewall.onTunnel(session, host, socket),
    sessionCa: (session) => session.authority.get(),
    handleExchange: tracedExchange(pipeline.handle, parts.logger),
    handleAgentApi: agentApi.handle,
    onEgress: (record) => void records.egress(record),
    onRefusal: (record) => void (firewall.counts(record) || records.wireRefusal(record)),
  };
}
