import { assertLocalCaller, accessRequest } from '@aileron/auth';
import { AileronError } from '@aileron/errors';
import { openJobQueue, type OpenJobQueueOptions } from '@aileron/queue';
import type { Logger } from '@aileron/telemetry';
import { WORKSPACE_JOBS } from '@aileron/workspace-manager/service';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { fastify, type FastifyPluginCallback } from 'fastify';

export interface QueueBoardInput {
  readonly server: OpenJobQueueOptions['server'];
  /** On loopback; 0 for any free one. */
  readonly port: number;
  readonly logger: Logger;
}

export interface QueueBoard {
  readonly url: string;
  close(): Promise<void>;
}

const NOBODY = { tokenSha256: new Uint8Array(), allowedOrigins: [] };
const READS = new Set(['GET', 'HEAD']);

/** Bull Board over the jobs of workspaces: to look at, on loopback. @throws AileronError PORT_IN_USE, QUEUE_UNAVAILABLE */
export async function startQueueBoard({ server, port, logger }: QueueBoardInput): Promise<QueueBoard> {
  const log = {
    info: (facts: object, message: string) => logger.info(facts, message),
    warn: (facts: object, message: string) => logger.warn(facts, message),
  };
  const queue = await openJobQueue({ server, log, poolSize: 2 });
  const http = fastify({ forceCloseConnections: true });
  const close = async (): Promise<void> => {
    await http.close();
    await queue.close();
  };
  try {
    const adapter = new FastifyAdapter();
    const queues = await queue.bullBoardQueues(WORKSPACE_JOBS);
    createBullBoard({
      queues: queues.map((each) => new BullMQAdapter(each, { readOnlyMode: true })),
      serverAdapter: adapter,
      options: { uiConfig: { boardTitle: 'Aileron jobs' } },
    });
    http.addHook('onRequest', async (request) => {
      assertLocalCaller(accessRequest(request), NOBODY);
      if (!READS.has(request.method)) throw new AileronError('PERMISSION_DENIED');
    });
    await http.register(withOneErrorHandler(adapter.registerPlugin()));
    return { url: await http.listen({ host: '127.0.0.1', port }), close };
  } catch (error) {
    await close();
    throw portTaken(error, port);
  }
}

/** Bull Board sets the same handler again for each route, of which Fastify warns on standard error. */
function withOneErrorHandler(plugin: FastifyPluginCallback): FastifyPluginCallback {
  return (scope, options, done) => {
    const set = scope.setErrorHandler.bind(scope);
    let isSet = false;
    scope.setErrorHandler = ((handler: Parameters<typeof set>[0]) => {
      if (!isSet) set(handler);
      isSet = true;
      return scope;
    }) as typeof scope.setErrorHandler;
    plugin(scope, options, done);
  };
}

function portTaken(error: unknown, port: number): unknown {
  const taken = typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
  return taken ? new AileronError('PORT_IN_USE', { port }, { cause: error }) : error;
}
