import {
  context,
  INVALID_SPAN_CONTEXT,
  propagation,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

let tracing = false;
const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Turns tracing on for this process; without it spans cost next to nothing and go nowhere. Returns what ends it. */
export function startTracing(spanProcessors: readonly SpanProcessor[]): () => Promise<void> {
  const provider = new NodeTracerProvider({ spanProcessors: [...spanProcessors] });
  provider.register();
  tracing = true;
  return async () => {
    tracing = false;
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  };
}

/** Whether spans go anywhere. */
export const isTracing = (): boolean => tracing;

/** Runs work in a span; an error marks it, by its code or class only: messages may hold content. */
export function withSpan<T>(service: string, name: string, run: (span: Span) => Promise<T>): Promise<T> {
  if (!tracing) return run(NO_SPAN);
  return trace.getTracer(service).startActiveSpan(name, async (span) => {
    try {
      return await run(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: classOf(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Runs work as part of the caller's trace. Text that is not W3C trace context is ignored. */
export function withTraceparent<T>(traceparent: string | undefined, run: () => T): T {
  if (!tracing || traceparent === undefined) return run();
  const remote: Context = propagation.extract(context.active(), { traceparent });
  return context.with(remote, run);
}

/** The W3C trace context of the current span as metadata; empty without a tracer. */
export function injectTraceparent(): Record<string, string> {
  if (!tracing) return {};
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'] === undefined ? {} : { traceparent: carrier['traceparent'] };
}

function classOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'error';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'error';
}
