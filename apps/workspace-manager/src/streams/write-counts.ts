const MOST_COUNTED = 10_000;

/** How often streams were written, of those that were written last: a count that is forgotten begins again. */
export class WriteCounts {
  readonly #counts = new Map<string, number>();

  constructor(private readonly most = MOST_COUNTED) {}

  add(stream: string): number {
    const count = (this.#counts.get(stream) ?? 0) + 1;
    this.#counts.delete(stream);
    this.#counts.set(stream, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > this.most && oldest !== undefined) this.#counts.delete(oldest);
    return count;
  }

  forget(stream: string): void {
    this.#counts.delete(stream);
  }

  get size(): number {
    return this.#counts.size;
  }
}
