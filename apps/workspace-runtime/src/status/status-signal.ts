/** Something of the status changed: whoever waits looks again. */
export class StatusSignal {
  readonly #waiting = new Set<() => void>();
  #version = 0;

  get version(): number {
    return this.#version;
  }

  raise(): void {
    this.#version += 1;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves once the version is another than `seen`, after `ms`, or when the signal is aborted. */
  changed(seen: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#version !== seen || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
