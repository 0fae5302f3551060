/** Bytes that are read, looked through and encrypted in about a millisecond, and that millisecond, should they take longer. */
const BYTES_IN_ONE_TURN = 262_144;
const MS_IN_ONE_TURN = 1;
/** Less is an event or an end, and not looked at. */
const LOOK_AFTER_BYTES = 16_384;

/**
 * Lets the event loop go round after so much of one body. What is at hand is passed on without waiting, and a peer on the
 * same machine always has more at hand: without this, megabytes would go by before anybody else's turn.
 */
export class TurnShare {
  #bytes = 0;
  #since = performance.now();

  /** A promise when it is others' turn: await it before the next bytes. */
  took(bytes: number): Promise<void> | undefined {
    this.#bytes += bytes;
    if (this.#bytes < LOOK_AFTER_BYTES) return undefined;
    if (this.#bytes < BYTES_IN_ONE_TURN && performance.now() - this.#since < MS_IN_ONE_TURN) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#bytes = 0;
        this.#since = performance.now();
        resolve();
      });
    });
  }
}
