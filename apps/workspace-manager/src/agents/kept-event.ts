import { AGENT_EVENT_VERSION, readAgentEvent, type AgentEvent } from '@aileron/contracts/agent-events';
import { z } from 'zod';

const LARGEST_BYTES = 256 * 1_024;

const Stamp = z.object({
  run: z.string().min(1).max(128),
  n: z.int().min(0),
  at: z.iso.datetime(),
});

/**
 * An event of a runtime as it is kept. One that is too large, or that this version cannot read, leaves a notice in its
 * place, so that nobody takes what is there for all there was. Null: it has no place.
 */
export function keptEvent(value: unknown): AgentEvent | null {
  const event = readAgentEvent(value);
  if (event === null) return noticeFor(value, 'event-unreadable', 'An event of the agent could not be read.');
  const bytes = Buffer.byteLength(JSON.stringify(event), 'utf8');
  if (bytes <= LARGEST_BYTES) return event;
  return noticeFor(value, 'event-too-large', `An event of the agent (${event.type}, ${bytes} bytes) was not kept.`);
}

function noticeFor(value: unknown, code: string, text: string): AgentEvent | null {
  const { data: stamp } = Stamp.safeParse(value);
  if (stamp === undefined) return null;
  return { v: AGENT_EVENT_VERSION, ...stamp, type: 'notice', level: 'warning', code, text };
}
