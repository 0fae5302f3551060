/**
 * Keeps the most recently used values, made on first use; several callers of one key wait for the same making. A making
 * that failed is not kept.
 */
export class LeafCache<V> {
  readonly #entries = new Map<string, Promise<V>>();

  constructor(
    private readonly limit: number,
    private readonly make: (key: string) => Promise<V>,
  ) {}

  get(key: string): Promise<V> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const made = this.make(key);
    this.#entries.set(key, made);
    made.catch(() => {
      if (this.#entries.get(key) === made) this.#entries.delete(key);
    });
    this.#dropOldest();
    return made;
  }

  get size(): number {
    return this.#entries.size;
  }

  #dropOldest(): void {
    if (this.#entries.size <= this.limit) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
