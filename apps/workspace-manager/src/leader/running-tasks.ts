/** Work that goes on beside its caller, so that an end can wait for it. */
export class RunningTasks {
  readonly #running = new Set<Promise<void>>();

  add(task: Promise<void>): void {
    const running = task.finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** All that runs now has ended, and all that it began. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
