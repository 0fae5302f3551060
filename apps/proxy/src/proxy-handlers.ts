import { AileronError } from '@aileron/errors';
import { type AgentApi } from './agent-api/agent-api.js';
import { type RulesInForce } from './decide/recheck-call.js';
import { type ProxyHandlers } from './exchange.js';
import { type Pipeline } from './pipeline.js';
import { type CallRecorder } from './record/call-recorder.js';
import { readAgentToken } from './sessions/agent-token.js';
import { type LiveSession } from './sessions/live-session.js';
import { type ServingLease } from './sessions/serving-lease.js';

export interface ProxyHandlersParts {
  readonly findSession: (socketSessionId: string) => LiveSession | null;
  readonly lease: ServingLease;
  readonly rules: () => RulesInForce;
  readonly pipeline: Pipeline;
  readonly agentApi: AgentApi;
  readonly records: CallRecorder;
  /** Hosts that no connector owns. */
  readonly egress: 'splice' | 'deny';
}

const HTTPS_PORT = 443;

/** What the wire asks of the half that decides. */
export function proxyHandlers(parts: ProxyHandlersParts): ProxyHandlers<LiveSession> {
  const { lease, rules, pipeline, agentApi, records } = parts;
  return {
    authenticate: ({ proxyAuthorization, socketSessionId }) => {
      const session = parts.findSession(socketSessionId);
      if (session === null) throw new AileronError('SESSION_ENDED');
      const token = readAgentToken(proxyAuthorization);
      if (token === null || !session.hasToken(token)) throw new AileronError('PROXY_AUTHENTICATION_REQUIRED');
      lease.assertAlive();
      return session;
    },
    tunnelDecision: async (session, host, port) => {
      lease.assertAlive();
      if (rules().connectors.matcher.ownsHost(host)) {
        if (port !== HTTPS_PORT) throw new AileronError('DESTINATION_REFUSED', { reason: 'port', port });
        // A session that is locked after a restart is told so before its TLS begins.
        await session.authority.get();
        return 'mediate';
      }
      if (parts.egress === 'deny')
        throw new AileronError('POLICY_DENIED', { rule: 'egress', reason: 'no connector owns this host' });
      // Anything but HTTPS leaves only where a policy names the pair, and none can yet.
      if (port !== HTTPS_PORT) throw new AileronError('DESTINATION_REFUSED', { reason: 'port', port });
      return 'splice';
    },
    sessionCa: (session) => session.authority.get(),
    handleExchange: pipeline.handle,
    handleAgentApi: agentApi.handle,
    onEgress: (record) => void records.egress(record),
    onRefusal: (record) => void records.wireRefusal(record),
  };
}
