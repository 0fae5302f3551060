import { type Logger, isTracing, runWithContext, withSpan } from '@aileron/telemetry';
import type { ProxyHandlers } from '../exchange.js';
import type { LiveSession } from '../sessions/live-session.js';
import { randomPool } from './random-pool.js';

type Handle = ProxyHandlers<LiveSession>['handleExchange'];

const ID_BYTES = 16;
const random = randomPool();
const newRequestId = (): string => `req_${random(ID_BYTES).toString('hex')}`;

/**
 * Each exchange in a context and a span of its own: one request id in every log line and every call that it leads to, one
 * trace through all services. Neither is taken from the agent.
 */
export const tracedExchange =
  (handle: Handle, logger: Pick<Logger, 'debug'>): Handle =>
  (tunnel, head, body, response, signal) => {
    const { tenantId, sessionId } = tunnel.session;
    const run = () => handle(tunnel, head, body, response, signal);
    return runWithContext({ requestId: newRequestId(), tenantId, actor: sessionId }, async () => {
      await (isTracing() ? withSpan('proxy', 'exchange', run) : run());
      logger.debug('exchange.ended');
    });
  };
