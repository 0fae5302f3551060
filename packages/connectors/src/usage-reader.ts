import type { UsageKind } from './connector.js';
import { SseEvents } from './sse-events.js';

/** What a provider says was used. Counts are what is billed; `complete` is false when the answer ended before the count. */
export interface Usage {
  readonly model: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly complete: boolean;
}

/** Reads usage from an answer as it passes. It never throws: what it does not understand, it does not count. */
export interface UsageReader {
  push(chunk: Uint8Array): void;
  result(): Usage;
}

const LARGEST_JSON = 8 << 20;

export function usageReader(kind: UsageKind, contentType: string | null): UsageReader {
  switch (kind) {
    case 'anthropic-messages':
      return contentType?.toLowerCase().startsWith('text/event-stream') ? new AnthropicStream() : new AnthropicJson();
  }
}

type Counts = { -readonly [K in keyof Usage]: Usage[K] };
const none = (): Counts => ({
  model: null,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  complete: false,
});

/** message_start has the input, each message_delta the running totals: the last wins, they are not added. */
class AnthropicStream implements UsageReader {
  private readonly counts = none();
  private readonly events = new SseEvents((data) => this.take(data));

  push(chunk: Uint8Array): void {
    this.events.push(chunk);
  }

  result(): Usage {
    return this.counts;
  }

  private take(data: string): void {
    const event = objectOf(data);
    if (event?.['type'] === 'message_start') {
      const message = event['message'] as Record<string, unknown> | undefined;
      if (typeof message?.['model'] === 'string') this.counts.model = message['model'];
      takeUsage(this.counts, message?.['usage']);
    } else if (event?.['type'] === 'message_delta') takeUsage(this.counts, event['usage']);
    else if (event?.['type'] === 'message_stop') this.counts.complete = true;
  }
}

class AnthropicJson implements UsageReader {
  private readonly chunks: Uint8Array[] = [];
  private bytes = 0;

  push(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (this.bytes <= LARGEST_JSON) this.chunks.push(chunk.slice());
  }

  result(): Usage {
    const counts = none();
    if (this.bytes > LARGEST_JSON) return counts;
    const all = new Uint8Array(this.bytes);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    const message = objectOf(new TextDecoder().decode(all));
    if (typeof message?.['model'] === 'string') counts.model = message['model'];
    counts.complete = takeUsage(counts, message?.['usage']);
    return counts;
  }
}

const FIELDS = {
  input_tokens: 'inputTokens',
  output_tokens: 'outputTokens',
  cache_read_input_tokens: 'cacheReadTokens',
  cache_creation_input_tokens: 'cacheWriteTokens',
} as const;

function takeUsage(counts: Counts, usage: unknown): boolean {
  if (typeof usage !== 'object' || usage === null) return false;
  for (const [name, target] of Object.entries(FIELDS)) {
    const value = (usage as Record<string, unknown>)[name];
    if (Number.isSafeInteger(value) && (value as number) >= 0) counts[target] = value as number;
  }
  return true;
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
