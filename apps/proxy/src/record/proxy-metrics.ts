import type { Metrics } from '@aileron/telemetry';
import type { NewRecord } from './audit-log.js';

/** What is counted now and then, when somebody reads the metrics. */
export interface ProxyGauges {
  sessions(): number;
  /** Requests to owned hosts that are not over; those that wait for a person among them. */
  active(): number;
  /** Whether requests can pass. */
  serving(): boolean;
  /** Records that the management plane has not acknowledged. */
  unshipped(): number;
}

/** Seconds: from a request that a cache could answer to a stream of a minute. */
const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * The proxy's metrics, from its audit records: what is counted is what is on record. Labels are names of connectors and
 * operations, codes and states; nothing of a request is one.
 */
export class ProxyMetrics {
  readonly #calls;
  readonly #refusals;
  readonly #latency;
  readonly #bytes;
  readonly #tokens;
  readonly #cost;
  readonly #egress;
  readonly #gauges;

  constructor(private readonly metrics: Metrics) {
    const call = ['connector', 'operation', 'state'] as const;
    this.#calls = metrics.counter({
      name: 'aileron_proxy_calls_total',
      help: 'Calls that were sent, by how they ended.',
      labels: call,
    });
    this.#refusals = metrics.counter({
      name: 'aileron_proxy_refusals_total',
      help: 'Requests and connections that were refused, by error code.',
      labels: ['code', 'connector', 'operation'],
    });
    this.#latency = metrics.histogram({
      name: 'aileron_proxy_call_seconds',
      help: 'From the first byte of a request to the last of its answer, the wait for a person included.',
      labels: ['connector'],
      buckets: LATENCY_BUCKETS,
    });
    this.#bytes = bytesOf(metrics);
    this.#tokens = metrics.counter({
      name: 'aileron_proxy_tokens_total',
      help: 'Tokens of models.',
      labels: ['state'],
    });
    this.#cost = metrics.counter({ name: 'aileron_proxy_cost_usd_total', help: 'Price of the tokens, US dollars.' });
    this.#egress = metrics.counter({
      name: 'aileron_proxy_tunnels_total',
      help: 'Tunnels to hosts of no connector, by how they ended.',
      labels: ['state'],
    });
    this.#gauges = {
      sessions: metrics.gauge({ name: 'aileron_proxy_sessions', help: 'Sessions that this proxy serves.' }),
      active: metrics.gauge({ name: 'aileron_proxy_active_calls', help: 'Requests that are not over.' }),
      serving: metrics.gauge({ name: 'aileron_proxy_serving', help: '1 when requests can pass, else 0.' }),
      unshipped: metrics.gauge({
        name: 'aileron_proxy_audit_unshipped_records',
        help: 'Records that the management plane has not acknowledged.',
      }),
    };
  }

  /** Read at each scrape. */
  watch(gauges: ProxyGauges): void {
    this.metrics.beforeRender(() => {
      this.#gauges.sessions.set(gauges.sessions());
      this.#gauges.active.set(gauges.active());
      this.#gauges.serving.set(gauges.serving() ? 1 : 0);
      this.#gauges.unshipped.set(gauges.unshipped());
    });
  }

  /** A record that was appended. */
  readonly observe = (record: NewRecord): void => {
    switch (record.kind) {
      case 'outcome':
        return this.#ended(record);
      case 'refused': {
        const { refusal, connector = '', operation = '' } = record;
        return this.#refusals.inc({ code: refusal.code, connector, operation });
      }
      case 'egress':
        return this.#egress.inc({ state: record.outcome.state });
      default:
    }
  };

  #ended({ connector, operation, outcome }: Extract<NewRecord, { kind: 'outcome' }>): void {
    const { state, latencyMs, bytesIn, bytesOut, tokens, costUsd } = outcome;
    this.#calls.inc({ connector, operation, state });
    this.#latency.observe(latencyMs / 1_000, { connector });
    this.#bytes.in.inc(bytesIn);
    this.#bytes.out.inc(bytesOut);
    if (tokens !== undefined) {
      this.#tokens.inc({ state: 'input' }, tokens.inputTokens);
      this.#tokens.inc({ state: 'output' }, tokens.outputTokens);
    }
    if (costUsd != null) this.#cost.inc({}, costUsd);
  }
}

function bytesOf(metrics: Metrics) {
  const bytes = metrics.counter({ name: 'aileron_proxy_bytes_total', help: 'Body bytes.', labels: ['state'] });
  return { in: bytes.labels({ state: 'in' }), out: bytes.labels({ state: 'out' }) };
}
