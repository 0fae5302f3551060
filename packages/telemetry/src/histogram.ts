import { exposed, type Exposed, type Labels, type Sample } from './exposed-metric.js';
import { LabelledCells } from './labelled-cells.js';

/** What was observed with one set of labels. */
class HistogramCell {
  /** By bucket; the last one is for what is above all bounds. */
  readonly #counts: number[];
  #sum = 0;

  constructor(
    readonly labels: Labels,
    private readonly bounds: readonly number[],
  ) {
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  /** @throws RangeError for what is no number */
  observe(value: number): void {
    if (!Number.isFinite(value)) throw new RangeError('only numbers are observed');
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  /** Buckets count what is at or below their bound, each with all before it. */
  samples(name: string): Sample[] {
    const { labels, bounds } = this;
    let count = 0;
    const buckets = this.#counts.map((own, bucket) => {
      count += own;
      const le = bounds[bucket] ?? '+Inf';
      return { metricName: `${name}_bucket`, value: count, labels: { le }, sharedLabels: labels };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, value: this.#sum, labels },
      { metricName: `${name}_count`, value: count, labels },
    ];
  }
}

/** A histogram of Prometheus; as with the counter, what is shown is made when it is read. */
export class Histogram {
  readonly #cells: LabelledCells<HistogramCell>;

  constructor(
    private readonly options: Exposed,
    bounds: readonly number[],
  ) {
    this.#cells = new LabelledCells(options, (labels) => new HistogramCell(labels, bounds));
  }

  observe(value: number, labels: Labels = {}): void {
    this.labels(labels).observe(value);
  }

  labels(labels: Labels): HistogramCell {
    return this.#cells.of(labels);
  }

  get name(): string {
    return this.options.name;
  }

  /** As prom-client's registry reads it. */
  readonly get = async () =>
    exposed(
      this.options,
      'histogram',
      this.#cells.all.flatMap((cell) => cell.samples(this.options.name)),
    );
}
