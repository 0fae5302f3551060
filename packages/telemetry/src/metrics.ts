import { collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { Counter } from './counter.js';
import { Histogram } from './histogram.js';

/** Every label a metric may have: a closed list, so that no path, id or query becomes one. */
export const LABELS = [
  'service',
  'method',
  'code',
  'connector',
  'operation',
  'verdict',
  'state',
  'route',
  'status',
] as const;
export type Label = (typeof LABELS)[number];

interface MetricOptions {
  readonly name: `aileron_${string}`;
  readonly help: string;
  readonly labels?: readonly Label[];
}

const known: ReadonlySet<string> = new Set(LABELS);

/** The metrics of one service, in a registry of its own. */
export class Metrics {
  readonly registry = new Registry();
  readonly #looks: (() => void)[] = [];

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
  }

  counter(options: MetricOptions): Counter {
    return this.known(options, Counter) ?? this.register(new Counter(describe(options)));
  }

  gauge(options: MetricOptions): Gauge {
    const { labelNames, ...described } = describe(options);
    const registers = [this.registry];
    return this.known(options, Gauge) ?? new Gauge({ ...described, labelNames: [...labelNames], registers });
  }

  histogram({ buckets, ...options }: MetricOptions & { readonly buckets: readonly number[] }): Histogram {
    return this.known(options, Histogram) ?? this.register(new Histogram(describe(options), buckets));
  }

  /** Adds what there is to know of this process: CPU, memory, event loop, garbage collection. Once a process. */
  observeProcess(): this {
    collectDefaultMetrics({ register: this.registry });
    return this;
  }

  /** Something to look at each time somebody reads: gauges of what is now. */
  beforeRender(look: () => void): void {
    this.#looks.push(look);
  }

  /** The exposition text of Prometheus. */
  render(): Promise<string> {
    for (const look of this.#looks) look();
    return this.registry.metrics();
  }

  /** The metric of this name: two parts of one service may count the same thing. */
  private known<M extends Counter | Gauge | Histogram>(
    { name }: MetricOptions,
    kind: new (...parameters: never[]) => M,
  ): M | undefined {
    const metric: unknown = this.registry.getSingleMetric(name);
    return metric instanceof kind ? metric : undefined;
  }

  /** The registry asks a metric for its name and for `get`; its type knows its own classes only. */
  private register<M extends Counter | Histogram>(metric: M): M {
    this.registry.registerMetric(metric as unknown as Metric);
    return metric;
  }
}

function describe({ name, help, labels = [] }: MetricOptions) {
  const unknown = labels.find((label) => !known.has(label));
  if (unknown !== undefined) throw new TypeError(`${name}: ${unknown} is not a label`);
  return { name, help, labelNames: labels };
}

export const createMetrics = (service: string): Metrics => new Metrics(service);

const FAMILY = /^# (?:HELP|TYPE) (\S+)/;

/** The exposition texts of several services as one: each family once, with the samples of all. */
export function mergeExpositions(texts: readonly string[]): string {
  const families = new Map<string, { readonly head: string[]; readonly samples: string[] }>();
  for (const text of texts) {
    let family: { readonly head: string[]; readonly samples: string[] } | undefined;
    let known = false;
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const name = FAMILY.exec(line)?.[1];
      if (name === undefined) family?.samples.push(line);
      else {
        if (line.startsWith('# HELP')) known = families.has(name);
        family = families.get(name) ?? { head: [], samples: [] };
        families.set(name, family);
        if (!known) family.head.push(line);
      }
    }
  }
  return [...families.values()].map(({ head, samples }) => `${[...head, ...samples].join('\n')}\n`).join('\n');
}
