/** What changed since the reader looked last: each thing once, however often it changed; bounded. */
export class Feed<T> {
  #changed = new Set<T>();
  #behind = false;
  #wake: () => void = () => undefined;

  constructor(private readonly mostWaiting: number) {}

  add(change: T): void {
    if (this.#changed.size >= this.mostWaiting) this.#behind = true;
    else this.#changed.add(change);
    this.#wake();
  }

  /** Something may have been missed. */
  miss(): void {
    this.#behind = true;
    this.#wake();
  }

  async *batches(signal: AbortSignal): AsyncGenerator<readonly T[] | 'behind', void> {
    while (!signal.aborted) {
      const changed = [...this.#changed];
      const behind = this.#behind;
      this.#changed.clear();
      this.#behind = false;
      if (behind) yield 'behind';
      else if (changed.length > 0) yield changed;
      else await this.#more(signal);
    }
  }

  async #more(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const ended = () => resolve();
    signal.addEventListener('abort', ended, { once: true });
    await promise;
    signal.removeEventListener('abort', ended);
    this.#wake = () => undefined;
  }
}
