import { decodeByteFrame } from '@aileron/event-log';
import type { CarriedOutput } from './carried-terminal.js';

const OUTPUT = 0;
/** Its size comes first. */
const SCREEN_HEAD_BYTES = 4;

/** What a frame of terminal.proto shows. */
export function* outputsOfFrame(frame: Uint8Array): Generator<CarriedOutput> {
  const delivery = decodeByteFrame(frame);
  if (delivery.type === 'snapshot') yield { bytes: delivery.snapshot.subarray(SCREEN_HEAD_BYTES), isScreen: true };
  if (delivery.type !== 'events') return;
  for (const { event } of delivery.events) if (event[0] === OUTPUT) yield { bytes: event.subarray(1), isScreen: false };
}
