import { once } from 'node:events';
import type { WorkspaceRouteId } from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { StreamLimit } from './stream-limit.js';
import { pumpStream } from './stream-pump.js';
import { StreamSources } from './stream-sources.js';
import type { RouteInput } from './serves.js';

/** Streams as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
@Injectable()
export class EventSources {
  constructor(
    @Inject(StreamSources) private readonly sources: StreamSources,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
  ) {}

  /** @throws AileronError before anything was sent; RATE_LIMITED when too many streams are open */
  async serve<Id extends WorkspaceRouteId>(id: Id, input: RouteInput<Id>, reply: FastifyReply): Promise<void> {
    const { raw } = reply;
    const place = this.limit.enter();
    try {
      raw.once('close', () => place.end());
      const stream = await this.sources.open(id, input as RouteInput<WorkspaceRouteId>, place.signal);
      if (place.signal.aborted) throw new AileronError('CANCELLED');
      reply.hijack();
      raw.writeHead(200, { ...reply.getHeaders(), 'content-type': 'text/event-stream' } as Record<string, string>);
      raw.flushHeaders();
      const send = async (message: string | Uint8Array): Promise<void> => {
        const text = typeof message === 'string' ? message : Buffer.from(message).toString('base64');
        if (!raw.write(`data: ${text}\n\n`)) await once(raw, 'drain', { signal: place.signal });
      };
      await pumpStream(stream, { send }, { signal: place.signal, cut: () => raw.destroy() });
    } finally {
      place.end();
      if (reply.sent) raw.end();
    }
  }
}
