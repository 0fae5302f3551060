import { exposed, keyOf, type Exposed, type Labels } from './exposed-metric.js';

/** What one set of labels has counted. Whoever counts the same thing again and again keeps hold of it. */
class CountCell {
  #value = 0;

  constructor(readonly labels: Labels) {}

  get value(): number {
    return this.#value;
  }

  /** @throws RangeError for less than nothing */
  inc(value = 1): void {
    if (!(value >= 0)) throw new RangeError('a counter only grows');
    this.#value += value;
  }
}

/**
 * A counter of Prometheus. Counting is an addition: what a scrape wants to read is made when it reads. (prom-client's own
 * takes a microsecond for each, which a call has a dozen of.)
 */
export class Counter {
  readonly #cells = new Map<string, CountCell>();

  constructor(private readonly options: Exposed) {
    // Without labels there is one, and it is shown before it was counted.
    if (options.labelNames.length === 0) this.labels({});
  }

  inc(labels: Labels = {}, value?: number): void {
    this.labels(labels).inc(value);
  }

  labels(labels: Labels): CountCell {
    const key = keyOf(this.options.labelNames, labels);
    let cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, (cell = new CountCell(labels)));
    return cell;
  }

  get name(): string {
    return this.options.name;
  }

  /** As prom-client's registry reads it. */
  readonly get = async () =>
    exposed(
      this.options,
      'counter',
      [...this.#cells.values()].map(({ value, labels }) => ({ value, labels })),
    );
}
