import type { AgentEventBody } from './agent-event.js';
import { EVENT_LIMITS } from './event-limits.js';

type Message = Omit<Extract<AgentEventBody, { type: 'message' }>, 'type' | 'text'>;

/** A whole text as events, none over the limit. */
export function messageEvents(message: Message, text: string): AgentEventBody[] {
  const [head = '', ...rest] = pieces(text);
  if (rest.length === 0) return [{ type: 'message', ...message, text: head }];
  const { messageId } = message;
  const done: AgentEventBody[] = message.done ? [{ type: 'message-done', messageId, interrupted: false }] : [];
  return [
    { type: 'message', ...message, text: head, done: false },
    ...deltaEvents(messageId, head.length, rest),
    ...done,
  ];
}

/** More text of a message that has `offset` characters. */
export function textDeltas(messageId: string, offset: number, text: string): AgentEventBody[] {
  return deltaEvents(messageId, offset, pieces(text));
}

function deltaEvents(messageId: string, offset: number, texts: readonly string[]): AgentEventBody[] {
  let at = offset;
  return texts.map((text) => {
    const event = { type: 'message-delta', messageId, offset: at, text } as const;
    at += text.length;
    return event;
  });
}

/** Cuts between characters, never inside a surrogate pair: half a pair would not survive UTF-8. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let from = 0; from < text.length;) {
    let end = Math.min(text.length, from + EVENT_LIMITS.text);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
    found.push(text.slice(from, end));
    from = end;
  }
  return found;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
