import { exposed, type Exposed, type Labels } from './exposed-metric.js';
import { LabelledCells } from './labelled-cells.js';

/** What one set of labels has counted. */
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
  readonly #cells: LabelledCells<CountCell>;

  constructor(private readonly options: Exposed) {
    this.#cells = new LabelledCells(options, (labels) => new CountCell(labels));
  }

  inc(labels: Labels = {}, value?: number): void {
    this.labels(labels).inc(value);
  }

  labels(labels: Labels): CountCell {
    return this.#cells.of(labels);
  }

  get name(): string {
    return this.options.name;
  }

  /** As prom-client's registry reads it. */
  readonly get = async () =>
    exposed(
      this.options,
      'counter',
      this.#cells.all.map(({ value, labels }) => ({ value, labels })),
    );
}
