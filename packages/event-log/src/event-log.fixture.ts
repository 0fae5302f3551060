import type { Delivery, StreamPosition } from '@aileron/contracts/streams';
import { z } from 'zod';
import { EventLog } from './event-log.js';
import type { EventLogOptions } from './log-options.js';
import { MemoryStorage } from './memory-storage.js';
import { jsonCodec } from './stream-codec.js';

export type Log = EventLog<string, string>;
type Given = Delivery<string, string>;

const CODEC = jsonCodec(z.string(), z.string());
export const join = (view: string | null, events: readonly string[]): string => (view ?? '') + events.join('');

export function makeLog(options: Partial<EventLogOptions<string, string>> = {}): Log {
  let epochs = 0;
  const newEpoch = () => `epoch-${(epochs += 1)}-${Math.random().toString(36).slice(2)}`;
  return new EventLog({ storage: new MemoryStorage(), codec: CODEC, newEpoch, ...options });
}

/** Deliveries up to and with the one at which `until` holds. */
export async function take(
  log: Log,
  from: StreamPosition | null,
  until: (delivery: Given) => boolean = ({ type }) => type === 'live',
): Promise<Given[]> {
  const end = new AbortController();
  const given: Given[] = [];
  for await (const delivery of log.attach('s', from, end.signal)) {
    given.push(delivery);
    if (until(delivery)) end.abort();
  }
  return given;
}

export const eventsOf = (given: readonly Given[]): string[] =>
  given.flatMap((delivery) =>
    delivery.type === 'events' ? delivery.events.map(({ seq, event }) => `${seq}${event}`) : [],
  );
export const typesOf = (given: readonly Given[]): string[] => given.map(({ type }) => type);
