import type { UsageKind } from './connector.js';
import { priceUsd, type Charges } from './price-table.js';
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
  /** With what the counts alone do not tell, such as how long a cache is kept. Null: not known, which is not free. */
  costUsd(): number | null;
}

const LARGEST_JSON = 8 << 20;

export function usageReader(kind: UsageKind, contentType: string | null): UsageReader {
  switch (kind) {
    case 'anthropic-messages':
      return contentType?.toLowerCase().startsWith('text/event-stream') ? new AnthropicStream() : new AnthropicJson();
  }
}

type Json = Readonly<Record<string, unknown>>;

/** What an answer has said so far. Each number is a running total: the last one counts, they are not added. */
class AnthropicCounts {
  private usage: Usage = {
    model: null,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    complete: false,
  };
  private charges: Charges = { cacheWriteHourTokens: 0, webSearches: 0, geography: null, speed: null };

  takeModel(value: unknown): void {
    if (typeof value === 'string') this.usage = { ...this.usage, model: value };
  }

  /** Whether there was one. */
  takeUsage(value: unknown): boolean {
    const usage = asObject(value);
    if (usage === undefined) return false;
    const { usage: before, charges } = this;
    this.usage = {
      ...before,
      inputTokens: count(usage['input_tokens']) ?? before.inputTokens,
      outputTokens: count(usage['output_tokens']) ?? before.outputTokens,
      cacheReadTokens: count(usage['cache_read_input_tokens']) ?? before.cacheReadTokens,
      cacheWriteTokens: count(usage['cache_creation_input_tokens']) ?? before.cacheWriteTokens,
    };
    this.charges = {
      cacheWriteHourTokens:
        count(asObject(usage['cache_creation'])?.['ephemeral_1h_input_tokens']) ?? charges.cacheWriteHourTokens,
      webSearches: count(asObject(usage['server_tool_use'])?.['web_search_requests']) ?? charges.webSearches,
      geography: text(usage['inference_geo']) ?? charges.geography,
      speed: text(usage['speed']) ?? charges.speed,
    };
    return true;
  }

  complete(): void {
    this.usage = { ...this.usage, complete: true };
  }

  result(): Usage {
    return this.usage;
  }

  costUsd(): number | null {
    return priceUsd(this.usage, this.charges);
  }
}

/** https://platform.claude.com/docs/en/build-with-claude/streaming */
class AnthropicStream implements UsageReader {
  private readonly counts = new AnthropicCounts();
  private readonly events = new SseEvents((data) => this.take(data));

  push(chunk: Uint8Array): void {
    this.events.push(chunk);
  }

  result(): Usage {
    return this.counts.result();
  }

  costUsd(): number | null {
    return this.counts.costUsd();
  }

  private take(data: string): void {
    const event = parseObject(data);
    switch (event?.['type']) {
      case 'message_start': {
        const message = asObject(event['message']);
        this.counts.takeModel(message?.['model']);
        this.counts.takeUsage(message?.['usage']);
        break;
      }
      case 'message_delta':
        this.counts.takeUsage(event['usage']);
        break;
      case 'message_stop':
        this.counts.complete();
        break;
    }
  }
}

class AnthropicJson implements UsageReader {
  private readonly chunks: Uint8Array[] = [];
  private bytes = 0;

  push(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (this.bytes <= LARGEST_JSON) this.chunks.push(chunk.slice());
    else this.chunks.length = 0;
  }

  result(): Usage {
    return this.read().result();
  }

  costUsd(): number | null {
    return this.read().costUsd();
  }

  private read(): AnthropicCounts {
    const counts = new AnthropicCounts();
    const message = this.bytes > LARGEST_JSON ? undefined : parseObject(this.text());
    counts.takeModel(message?.['model']);
    if (counts.takeUsage(message?.['usage'])) counts.complete();
    return counts;
  }

  private text(): string {
    const decoder = new TextDecoder();
    return this.chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
  }
}

const count = (value: unknown): number | undefined =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function parseObject(data: string): Json | undefined {
  try {
    return asObject(JSON.parse(data));
  } catch {
    return undefined;
  }
}
