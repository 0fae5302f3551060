import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Every label a metric may have: a closed list, so that no path, id or query becomes one. */
export const LABELS = ['service', 'method', 'code', 'connector', 'operation', 'verdict', 'state', 'route', 'status'] as const;
export type Label = (typeof LABELS)[number];

interface MetricOptions {
  readonly name: `aileron_${string}`;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** The metrics of one service, in a registry of its own. */
export class Metrics {
  readonly registry = new Registry();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
  }

  counter({ name, help, labels = [] }: MetricOptions): Counter {
    return new Counter({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  gauge({ name, help, labels = [] }: MetricOptions): Gauge {
    return new Gauge({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  histogram({ name, help, labels = [], buckets }: MetricOptions & { readonly buckets: readonly number[] }): Histogram {
    return new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [this.registry] });
  }
}

export const createMetrics = (service: string): Metrics => new Metrics(service);
