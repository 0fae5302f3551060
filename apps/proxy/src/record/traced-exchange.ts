import { randomUUID } from 'node:crypto';
import { type Logger, runWithContext, withSpan } from '@aileron/telemetry';
import type { ProxyHandlers } from '../exchange.js';
import type { LiveSession } from '../sessions/live-session.js';

type Handle = ProxyHandlers<LiveSession>['handleExchange'];

/**
 * Each exchange in a context and a span of its own: one request id in every log line and every call that it leads to, one
 * trace through all services. Neither is taken from the agent.
 */
export const tracedExchange =
  (handle: Handle, logger: Pick<Logger, 'debug'>): Handle =>
  (tunnel, ...exchange) => {
    const { tenantId, sessionId } = tunnel.session;
    const requestId = `req_${randomUUID().replaceAll('-', '')}`;
    const traced = () => withSpan('proxy', 'exchange', () => handle(tunnel, ...exchange));
    return runWithContext({ requestId, tenantId, actor: sessionId }, async () => {
      await traced();
      logger.debug('exchange.ended');
    });
  };
