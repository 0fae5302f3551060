/** Lets one caller pass in each turn of the event loop: the first at once, the others in the order they came. */
export class OnePerTurn {
  readonly #waiting: (() => void)[] = [];
  #passed = false;

  pass(): Promise<void> {
    if (this.#passed) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#untilNextTurn();
    return Promise.resolve();
  }

  #untilNextTurn(): void {
    this.#passed = true;
    setImmediate(() => {
      this.#passed = false;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#untilNextTurn();
      next();
    });
  }
}
