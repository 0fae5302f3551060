import { randomUUID } from 'node:crypto';
import { EventLog, jsonCodec, type Delivery, type StreamPosition } from '@aileron/event-log';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { FollowedStreams } from './followed-streams.js';
import { useWorkspaceDatabase } from '../testing/workspace-database.fixture.js';
import { PostgresStreamStorage } from './stream-storage.repository.js';

const database = useWorkspaceDatabase();

/** A process's log over the common storage. */
const openLog = () =>
  new EventLog({
    storage: new PostgresStreamStorage(database().run, 'ten_test'),
    codec: jsonCodec(z.number(), z.array(z.number())),
    newEpoch: randomUUID,
  });

const follow = (log: EventLog<number, number[]>) =>
  new FollowedStreams({
    log,
    fold: (view, events) => [...(view ?? []), ...events],
    compactAfter: 4,
    keepEvents: 1,
    onFault: (_, error) => {
      throw error;
    },
  });

/** What a reader has got when it hears that there is no more, and where it stands. */
async function readToLive(streams: FollowedStreams<number, number[]>, from: StreamPosition | null) {
  const events: number[] = [];
  const reading = new AbortController();
  for await (const delivery of streams.attach('page', from, reading.signal) as AsyncIterable<
    Delivery<number, number[]>
  >) {
    if (delivery.type === 'events') events.push(...delivery.events.map(({ event }) => event));
    if (delivery.type === 'live') break;
  }
  reading.abort();
  return events;
}

describe('a stream that others write', () => {
  it('gives a reader that comes back all that was written while it had no reader, before it is live', async () => {
    const [writer, log] = [openLog(), openLog()];
    const streams = follow(log);
    await writer.append('page', [1, 2]);
    expect(await readToLive(streams, null)).toEqual([1, 2]);
    const place = await writer.position('page');
    await writer.append('page', [3, 4]);
    streams.written('page');
    expect(await readToLive(streams, place)).toEqual([3, 4]);
    await Promise.all([writer.close(), streams.close()]);
  });
});
