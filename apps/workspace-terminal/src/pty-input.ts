import { writeSync } from 'node:fs';

/** What was typed and the program has not read. */
const MOST_WAITING_BYTES = 1 << 20;
const AGAIN_MS = 5;

export interface PtyMaster {
  /** It does not block. */
  readonly fd: number;
  /** Once it is not, the number may be another file's. */
  readonly isOpen: () => boolean;
}

/** Keys on their way to a program. node-pty waits for a program that does not read, and whatever else goes on with it. */
export class PtyInput {
  readonly limitBytes = MOST_WAITING_BYTES;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #again: NodeJS.Timeout | null = null;

  constructor(private readonly master: PtyMaster) {}

  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= MOST_WAITING_BYTES;
  }

  /** What there is no room for is dropped. */
  write(data: Uint8Array): void {
    if (data.length === 0 || !this.hasRoom(data.length)) return;
    this.#waiting.push(data);
    this.#bytes += data.length;
    if (this.#again === null) this.#flush();
  }

  #flush(): void {
    this.#again = null;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const taken = this.#take(next);
      if (taken === 0) {
        this.#again = setTimeout(() => this.#flush(), AGAIN_MS).unref();
        return;
      }
      this.#bytes -= taken;
      if (taken === next.length) this.#waiting.shift();
      else this.#waiting[0] = next.subarray(taken);
    }
  }

  /** How much of it was taken. A program that is gone takes everything. */
  #take(data: Uint8Array): number {
    if (!this.master.isOpen()) return data.length;
    try {
      return writeSync(this.master.fd, data);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : data.length;
    }
  }
}
