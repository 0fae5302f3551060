import { context, propagation, SpanStatusCode, trace, type Span } from '@opentelemetry/api';

/** Runs work in a span; an error marks it, by its class only: messages may hold content. */
export function withSpan<T>(service: string, name: string, run: (span: Span) => Promise<T>): Promise<T> {
  return trace.getTracer(service).startActiveSpan(name, async (span) => {
    try {
      return await run(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The W3C trace context of the current span as metadata; empty without a tracer. */
export function injectTraceparent(): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}
