import { AileronError } from '@aileron/errors';
import type { UserMessage } from './agent-adapter.js';

const MAX_QUEUED = 32;
const MAX_REMEMBERED = 1_000;
const MAX_TEXT = 200_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Messages that wait, and the ids of those that were given before. */
export class MessageQueue {
  private readonly waiting: UserMessage[] = [];
  private readonly remembered = new Set<string>();

  /** Null for a new message; for one that was given before, where it is. */
  known(message: UserMessage): 'sent' | 'queued' | null {
    if (!this.remembered.has(message.messageId)) return null;
    return this.waiting.some(({ messageId }) => messageId === message.messageId) ? 'queued' : 'sent';
  }

  remember({ messageId }: UserMessage): void {
    this.remembered.add(messageId);
    const [oldest] = this.remembered;
    if (this.remembered.size > MAX_REMEMBERED && oldest !== undefined) this.remembered.delete(oldest);
  }

  add(message: UserMessage): void {
    if (this.waiting.length >= MAX_QUEUED) throw new AileronError('RATE_LIMITED', { queued: this.waiting.length });
    this.waiting.push(message);
  }

  take(): UserMessage | null {
    return this.waiting.shift() ?? null;
  }

  withdraw(messageId: string): boolean {
    const index = this.waiting.findIndex((message) => message.messageId === messageId);
    if (index !== -1) this.waiting.splice(index, 1);
    return index !== -1;
  }
}

/** @throws AileronError INVALID_ARGUMENT, PAYLOAD_TOO_LARGE */
export function checkMessage({ messageId, text }: UserMessage): void {
  const fields = [
    ...(UUID.test(messageId) ? [] : [{ field: 'messageId', message: 'must be a UUID' }]),
    ...(text.trim() === '' ? [{ field: 'text', message: 'must not be empty' }] : []),
  ];
  if (fields.length > 0) throw new AileronError('INVALID_ARGUMENT', { fields });
  if (text.length > MAX_TEXT) throw new AileronError('PAYLOAD_TOO_LARGE', { characters: text.length, limit: MAX_TEXT });
}
