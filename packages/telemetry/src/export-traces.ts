import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { startTracing } from './tracing.js';

/**
 * Makes traces and sends them, in batches, to a collector: OTLP over HTTP, below `/v1/traces` of the endpoint. Returns
 * what sends the rest and ends it. The exporter is loaded here alone: most processes make no traces.
 */
export async function exportTraces({ endpoint }: { readonly endpoint: string }): Promise<() => Promise<void>> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  return startTracing([new BatchSpanProcessor(new OTLPTraceExporter({ url, timeoutMillis: 5_000 }))]);
}
