import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { injectTraceparent, startTracing, withSpan, withTraceparent } from './tracing.js';

describe('a span', () => {
  const exporter = new InMemorySpanExporter();
  let stop: () => Promise<void>;
  beforeAll(() => {
    expect(injectTraceparent()).toEqual({});
    stop = startTracing([new SimpleSpanProcessor(exporter)]);
  });
  afterAll(() => stop());

  it('continues the trace of the caller, and hands its own on', async () => {
    const caller = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sent = await withTraceparent(caller, () => withSpan('test', 'call', async () => injectTraceparent()));
    expect(sent['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(sent['traceparent']).not.toBe(caller);
    const span = exporter.getFinishedSpans().at(-1);
    expect(span?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  });

  it.each(['', 'nonsense', '00-0-0-00', '00-00000000000000000000000000000000-b7ad6b7169203331-01'])(
    'ignores the traceparent %j',
    async (text) => {
      const sent = await withTraceparent(text, () => withSpan('test', 'call', async () => injectTraceparent()));
      expect(sent['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    },
  );

  it('is marked by the code of an error, never by its text', async () => {
    const failing = withSpan('test', 'call', () =>
      Promise.reject(new AileronError('NOT_FOUND', {}, { cause: new Error('canary') })),
    );
    await expect(failing).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(withSpan('test', 'call', () => Promise.reject(new TypeError('canary')))).rejects.toThrow();
    const spans = exporter.getFinishedSpans().slice(-2);
    expect(spans.map(({ status }) => status.message)).toEqual(['NOT_FOUND', 'TypeError']);
    expect(JSON.stringify(spans.map(({ attributes, events, status }) => [attributes, events, status]))).not.toContain(
      'canary',
    );
  });
});
