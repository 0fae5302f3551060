import { keyOf, type Exposed, type Labels } from './exposed-metric.js';

/** What a metric has counted, by its labels. Whoever counts the same thing again and again keeps hold of a cell. */
export class LabelledCells<C> {
  readonly #cells = new Map<string, C>();

  constructor(
    private readonly options: Exposed,
    private readonly make: (labels: Labels) => C,
  ) {
    // Without labels there is one, and it is shown before it was counted.
    if (options.labelNames.length === 0) this.of({});
  }

  of(labels: Labels): C {
    const key = keyOf(this.options.labelNames, labels);
    let cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, (cell = this.make(labels)));
    return cell;
  }

  get all(): readonly C[] {
    return [...this.#cells.values()];
  }
}
