import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { priceUsd } from './price-table.js';
import { usageReader, type Usage, type UsageReader } from './usage-reader.js';

const sse = (...events: readonly object[]): Uint8Array =>
  new TextEncoder().encode(events.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join(''));
const start = (usage: object, model = 'claude-opus-5-5') => ({ type: 'message_start', message: { model, usage } });
const delta = (usage: object) => ({ type: 'message_delta', delta: {}, usage });
const STOP = { type: 'message_stop' };

function read(bytes: Uint8Array, contentType = 'text/event-stream', cuts: readonly number[] = []): UsageReader {
  const reader = usageReader('anthropic-messages', contentType);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (const [index, to] of places.slice(1).entries()) reader.push(bytes.subarray(places[index], to));
  return reader;
}

describe('usage of a stream', () => {
  const bytes = sse(
    start({ input_tokens: 1_000, output_tokens: 1, cache_read_input_tokens: 200, cache_creation_input_tokens: 30 }),
    { type: 'ping' },
    { type: 'content_block_delta', delta: { text: 'message_stop "usage":{"output_tokens":999999} €😀' } },
    delta({ output_tokens: 40 }),
    delta({ output_tokens: 90 }),
    delta({ output_tokens: 90 }),
    STOP,
  );
  const expected: Usage = {
    model: 'claude-opus-5-5',
    inputTokens: 1_000,
    outputTokens: 90,
    cacheReadTokens: 200,
    cacheWriteTokens: 30,
    complete: true,
  };

  it('is the last running total, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
        expect(read(bytes, 'Text/Event-Stream; charset=utf-8', cuts).result()).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
    for (let size = 1; size <= 7; size += 1) {
      expect(
        read(
          bytes,
          'text/event-stream',
          Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => i * size),
        ).result(),
      ).toEqual(expected);
    }
  });

  it('is a floor, and says so, when the stream ends at any byte before its end', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      const { complete, outputTokens } = read(bytes.subarray(0, length)).result();
      expect(complete).toBe(false);
      expect([0, 1, 40, 90]).toContain(outputTokens);
    }
  });

  it('may correct its input at the end', () => {
    expect(
      read(
        sse(start({ input_tokens: 5, output_tokens: 0 }), delta({ input_tokens: 70, output_tokens: 3 }), STOP),
      ).result(),
    ).toMatchObject({ inputTokens: 70, outputTokens: 3 });
  });

  it('does not believe numbers that are none', () => {
    const odd = sse(
      start({ input_tokens: -5, output_tokens: '7', cache_read_input_tokens: 1.5, cache_creation_input_tokens: null }),
      delta([]),
      { type: 'error' },
      STOP,
    );
    expect(read(odd).result()).toMatchObject({
      inputTokens: 0,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
    });
    expect(read(new TextEncoder().encode('data: null\n\ndata: []\n\ndata: {\n\ndata: "x"\n\n')).result().complete).toBe(
      false,
    );
  });
});

describe('usage of a whole answer', () => {
  it('is read from the body, in whatever pieces', () => {
    const bytes = new TextEncoder().encode(
      '{"model":"claude-haiku-4-5","content":"é€😀","usage":{"input_tokens":5,"output_tokens":7}}',
    );
    const reader = read(bytes, 'application/json', [1, 60, 61, 62, 63, 64, 65]);
    expect(reader.result()).toEqual({
      model: 'claude-haiku-4-5',
      inputTokens: 5,
      outputTokens: 7,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      complete: true,
    });
    expect(reader.costUsd()).toBe(0.00004);
  });

  it('is nothing in what is no such answer, or is too large to keep', () => {
    for (const text of ['<html>', '{"error":{}}', '[]', '', '{"usage":1}']) {
      expect(read(new TextEncoder().encode(text), 'application/json').result()).toMatchObject({
        inputTokens: 0,
        complete: false,
      });
    }
    const reader = usageReader('anthropic-messages', null);
    for (let i = 0; i < 9; i += 1) reader.push(new Uint8Array(1 << 20).fill(0x20));
    expect(reader.result().complete).toBe(false);
  });
});

describe('a price', () => {
  const usage = (model: string | null, over: Partial<Usage> = {}): Usage => ({
    model,
    inputTokens: 1_000_000,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    complete: true,
    ...over,
  });

  it('is that of the very model, with or without its date', () => {
    expect(priceUsd(usage('claude-opus-5-5'))).toBe(4);
    expect(priceUsd(usage('claude-opus-4-5-20251101'))).toBe(5);
    expect(priceUsd(usage('claude-opus-4-1-20250805'))).toBe(15);
    expect(priceUsd(usage('claude-sonnet-5-5', { inputTokens: 0, cacheReadTokens: 1_000_000 }))).toBe(0.1);
  });

  it.each([
    'claude-opus-5-6',
    'claude-opus-55',
    'claude-opus',
    'claude-opus-5-5-fast',
    'claude-opus-4-20251',
    'constructor',
    '',
    null,
  ])('is not known for %s: unknown is not free', (model) => {
    expect(priceUsd(usage(model))).toBeNull();
  });

  it('of a long prompt can be another', () => {
    const prompt = { inputTokens: 50_000, cacheReadTokens: 50_000 };
    expect(priceUsd(usage('claude-haiku-5-5', prompt))).toBe(0.0055);
    expect(priceUsd(usage('claude-haiku-5-5', { ...prompt, cacheWriteTokens: 1 }))).toBeCloseTo(0.0275, 4);
  });

  it('counts a cache that is kept for an hour, searches, and where the model ran', () => {
    const cost = (more: object) =>
      read(sse(start({ input_tokens: 1_000, cache_creation_input_tokens: 1_000, ...more }), STOP)).costUsd();
    expect(cost({})).toBe(0.009);
    expect(cost({ cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1_000 } })).toBe(0.012);
    expect(cost({ server_tool_use: { web_search_requests: 3 } })).toBe(0.039);
    expect(cost({ inference_geo: 'us' })).toBe(0.0099);
    expect(cost({ speed: 'standard' })).toBe(0.009);
    expect(cost({ speed: 'fast' })).toBeNull();
  });
});
